"""Where everything of a Flow stands."""

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.core.picture import Picture
from penstock.drawing.zones import arrange
from tests.drawing.flows import a_picture, a_recipe, an_item, random_flow
from tests.drawing.geometry import bends, clashes, crossed, overlap

FLOWS = st.builds(random_flow, st.integers(1, 45), st.integers(0, 10_000), zones=st.integers(0, 5))


@settings(max_examples=60, deadline=None)
@given(FLOWS)
def test_nothing_lies_on_anything_and_no_edge_runs_through_a_node_or_a_label(picture: Picture) -> None:
    made = arrange(picture)
    assert clashes(made) == []
    assert crossed(made) == []


@settings(max_examples=40, deadline=None)
@given(FLOWS)
def test_every_node_and_edge_is_drawn_once_inside_the_picture_and_its_zone(picture: Picture) -> None:
    made = arrange(picture)
    own = [n.node.id for n in made.nodes if not n.ghost]
    assert sorted(own) == sorted(n.id for n in picture.nodes)
    assert sorted((w.start, w.end) for w in made.ways if not w.between_zones) == sorted(picture.edges())
    boxes = {b.zone.name: b for b in made.boxes}
    for node in made.nodes:
        assert 0 < node.x < made.width
        assert 0 < node.y < made.height
        if boxes:
            box = boxes[node.zone]
            assert box.x < node.x - node.reach
            assert node.x + node.reach < box.x + box.width
            assert box.y < node.y - node.reach
            assert node.y + node.reach < box.y + box.height


@settings(max_examples=40, deadline=None)
@given(st.builds(random_flow, st.integers(1, 60), st.integers(0, 10_000), zones=st.integers(2, 6)))
def test_zones_do_not_overlap_and_what_reads_stands_to_the_right_or_in_a_row_below(picture: Picture) -> None:
    made = arrange(picture)
    rectangles = [(b.x, b.y, b.x + b.width, b.y + b.height) for b in made.boxes]
    assert not [1 for n, one in enumerate(rectangles) for other in rectangles[n + 1 :] if overlap(one, other)]
    for way in made.ways:
        (x0, y0), (x1, y1) = way.line[0], way.line[-1]
        assert not way.between_zones or x0 < x1 or y0 < y1


@settings(max_examples=40, deadline=None)
@given(FLOWS)
def test_the_same_flow_is_always_arranged_the_same(picture: Picture) -> None:
    assert arrange(picture) == arrange(picture)


def test_edges_of_an_ordinary_flow_bend_twice_at_most_and_run_from_left_to_right() -> None:
    made = arrange(random_flow(60, 3, reach=8))
    assert max(bends(w.line) for w in made.ways) <= 2
    assert all(w.line[0][0] < w.line[-1][0] for w in made.ways)


def test_a_chain_is_a_straight_line() -> None:
    items = [an_item(f"d{n}") for n in range(5)]
    made = arrange(a_picture(items, [a_recipe(f"r{n}", [f"d{n}"], [f"d{n + 1}"]) for n in range(4)]))
    assert len({n.y for n in made.nodes}) == 1
    assert [bends(w.line) for w in made.ways] == [0] * 8


def test_a_dataset_over_a_folder_stands_behind_it_with_an_edge_of_its_own() -> None:
    made = arrange(a_picture([an_item("files", type="folder"), an_item("rows", behind=("files",))]))
    at = {n.node.id: n.x for n in made.nodes}
    assert at["files"] < at["rows"]
    assert [(w.start, w.end) for w in made.ways] == [("files", "rows")]


def test_an_item_that_another_zone_reads_is_a_ghost_there_with_a_way_from_the_original() -> None:
    picture = a_picture(
        [an_item("raw"), an_item("scored", zone="scoring")],
        [a_recipe("score", ["raw"], ["scored"], zone="scoring")], ["scoring"],
    )  # fmt: skip
    made = arrange(picture)
    assert {(n.node.id, n.zone) for n in made.nodes if n.ghost} == {("raw", "scoring")}
    assert [(w.start, w.end) for w in made.ways if w.between_zones] == [("raw", "raw")]


def test_zones_that_read_from_each_other_are_drawn_all_the_same() -> None:
    picture = a_picture(
        [an_item("a", zone="one"), an_item("b", zone="two"), an_item("c", zone="one")],
        [a_recipe("go", ["a"], ["b"], zone="two"), a_recipe("back", ["b"], ["c"], zone="one")], ["one", "two"],
    )  # fmt: skip
    made = arrange(picture)
    assert clashes(made) == []
    assert crossed(made) == []
    assert {n.node.id for n in made.nodes if n.ghost} == {"a", "b"}


def test_a_flow_that_runs_in_a_circle_is_drawn_with_one_edge_turned_round() -> None:
    picture = a_picture(
        [an_item("a"), an_item("b")], [a_recipe("go", ["a"], ["b"]), a_recipe("back", ["b"], ["a"])]
    )
    made = arrange(picture)
    assert [w.turned for w in made.ways].count(True) == 1
    assert sorted((w.start, w.end) for w in made.ways) == sorted(picture.edges())


def test_a_row_of_zones_wider_than_a_screen_is_broken_and_its_ways_lead_round_to_the_next() -> None:
    items = [an_item(f"d{n}", zone=f"z{n // 6}") for n in range(18)]
    recipes = [a_recipe(f"r{n}", [f"d{n}"], [f"d{n + 1}"], zone=f"z{(n + 1) // 6}") for n in range(17)]
    made = arrange(a_picture(items, recipes, ["z0", "z1", "z2"]))
    assert made.width < 1600
    assert len({b.y for b in made.boxes}) == 3
    steps = [w for w in made.ways if w.between_zones]
    assert [w.start for w in steps] == ["d5", "d11"]
    assert crossed(made) == []


def test_a_folded_zone_is_one_small_box_that_its_ways_still_reach() -> None:
    picture = random_flow(60, 2, zones=3)
    open_, folded = arrange(picture), arrange(picture, folded=["z1"])
    box = next(b for b in folded.boxes if b.zone.name == "z1")
    assert (box.folded, box.items) == (True, sum(1 for i in picture.items if i.zone == "z1"))
    assert not [n for n in folded.nodes if n.zone == "z1"]
    assert sum(w.between_zones for w in folded.ways) == sum(w.between_zones for w in open_.ways)
    assert folded.width < open_.width


def test_an_item_shown_in_a_zone_by_hand_stands_there_too() -> None:
    from dataclasses import replace

    picture = a_picture([an_item("raw"), an_item("x", zone="one")], zones=["one"])
    shared = replace(picture, boxes=(picture.boxes[0], replace(picture.boxes[1], shared=("raw",))))
    made = arrange(shared)
    assert {(n.node.id, n.zone, n.ghost) for n in made.nodes} >= {("raw", "one", True)}


def test_an_empty_flow_is_an_empty_picture() -> None:
    made = arrange(a_picture([]))
    assert (made.nodes, made.ways, made.boxes) == ((), (), ())


def test_a_thousand_nodes_are_arranged_within_a_second() -> None:
    picture = random_flow(1000, 1, zones=8)
    arrange(random_flow(20, 1))
    began = time.process_time()
    made = arrange(picture)
    assert time.process_time() - began < 2.0  # of the processor: machines are shared
    assert sum(not n.ghost for n in made.nodes) >= 1000
