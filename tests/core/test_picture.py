"""A Flow as people look at it."""

from __future__ import annotations

from tests.drawing.flows import a_picture, a_recipe, an_item

PICTURE = a_picture(
    [an_item("inbox", type="folder"), an_item("raw", behind=("inbox",)), an_item("join"), an_item("out")],
    [a_recipe("join", ["raw", "gone"], ["join"]), a_recipe("send", ["join"], ["out"])],
)


def test_edges_lead_between_ids_and_over_folders_and_leave_out_what_is_not_there() -> None:
    assert PICTURE.edges() == [
        ("raw", "recipe:join"), ("join", "recipe:send"), ("recipe:join", "join"), ("recipe:send", "out"),
        ("inbox", "raw"),
    ]  # fmt: skip


def test_a_name_means_an_item_before_a_recipe_and_an_id_only_itself() -> None:
    assert [PICTURE.node(n) and PICTURE.node(n).id for n in ("join", "recipe:join", "send", "x")] == [  # type: ignore[union-attr]
        "join", "recipe:join", "recipe:send", None,
    ]  # fmt: skip


def test_around_a_node_lies_what_it_is_made_from_and_into() -> None:
    assert PICTURE.around(["join"], "up") == {"inbox", "raw", "recipe:join", "join"}
    assert PICTURE.around(["join"], "down") == {"join", "recipe:send", "out"}


def test_a_cut_out_keeps_no_edge_to_what_was_taken_away() -> None:
    cut = PICTURE.only(["raw", "recipe:join"])
    assert [n.id for n in cut.nodes] == ["raw", "recipe:join"]
    assert cut.recipes[0].outputs == ()
