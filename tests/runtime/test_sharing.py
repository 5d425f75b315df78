"""Objects of one project that another reads: in its Flow, in builds, and never changed there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import Invalid, InvalidDefinition, InvalidName, NotAllowed, NotFound, Refused
from penstock.core.job import JobState
from penstock.core.node import Node
from penstock.core.outcome import Outcome
from penstock.core.tile import Notice, Table
from penstock.runtime import (
    audit,
    dashboards,
    datasets,
    deleting,
    flow,
    folders,
    projects,
    renaming,
    scenarios,
    selection,
    sharing,
    users,
)
from penstock.testing import a_node, a_project, build, fill, rows
from tests.kinds.recipes.fraud import DESIGN, transactions

OWNER, READER = "BANK", "SHOP"
NAME = "BANK.raw"
SQL = 'SELECT sum(n) AS n FROM "BANK.raw"'
COPY: dict[str, Any] = {"type": "sync", "input": NAME, "output": "copied"}


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """BANK shares dataset `raw` and folder `box` with SHOP, which has a dataset to copy to."""
    made = a_node(tmp_path)
    a_project(made, {
        "datasets/raw": {"type": "managed", "short_description": "Money", "tags": ["gold"]}, "folders/box": {},
        "datasets/own": {"type": "managed"}, "evaluations/mes": {},
    }, key=OWNER)  # fmt: skip
    a_project(made, {"datasets/copied": {"type": "managed"}}, key=READER)
    fill(made, "raw", key=OWNER, n=[1, 2])
    for name in ("raw", "box"):
        sharing.share(made, OWNER, name, [READER], by="ann")
    return made


def test_what_is_shared_stands_in_the_other_flow_as_key_and_name(node: Node) -> None:
    seen = {item.name: item for item in flow.show(node, READER).items}
    assert set(seen) == {"copied", NAME, "BANK.box"}
    assert (seen[NAME].type, seen[NAME].kind, seen[NAME].tags) == ("dataset", "shared", ("gold",))
    assert seen["BANK.box"].type == "folder"
    assert set(flow.show(node, OWNER).items) == {i for i in flow.show(node, OWNER).items if "." not in i.name}


def test_its_rows_are_read_by_recipes_and_a_smart_build_sees_that_they_changed(node: Node) -> None:
    a_project(node, {"recipes/copy": COPY}, key=READER)
    assert build(node, "copied", key=READER).state is JobState.DONE
    assert rows(node, "copied", key=READER) == [{"n": 1}, {"n": 2}]
    assert not node.runs.activities(build(node, "copied", key=READER).id)
    fill(node, "raw", key=OWNER, n=[3])
    assert flow.standings(node, READER)["copied"].state == "stale"
    assert "BANK.raw" in flow.standings(node, READER)["copied"].why
    build(node, "copied", key=READER)
    assert rows(node, "copied", key=READER) == [{"n": 3}]


def test_its_rows_are_explored_with_the_columns_of_the_owner(node: Node) -> None:
    assert rows(node, NAME, key=READER) == [{"n": 1}, {"n": 2}]
    assert [c.name for c in datasets.columns(node, READER, NAME)] == ["n"]
    assert datasets.count(node, READER, NAME) == 2


def test_sql_and_prepare_read_it_too(node: Node) -> None:
    a_project(node, {
        "datasets/asked": {"type": "managed"}, "datasets/tidy": {"type": "managed"},
        "recipes/ask": {"type": "sql", "inputs": [NAME], "output": "asked", "body": SQL},
        "recipes/clean": {
            "type": "prepare", "input": NAME, "output": "tidy",
            "steps": [{"type": "formula", "column": "m", "formula": "n * 10"}],
        },
    }, key=READER)  # fmt: skip
    build(node, "asked", "tidy", key=READER)
    assert rows(node, "asked", key=READER) == [{"n": 3}]
    assert [row["m"] for row in rows(node, "tidy", key=READER)] == [10, 20]


def test_it_is_charted_and_asked_by_a_step(node: Node) -> None:
    (table,) = dashboards.preview(node, READER, {"type": "table", "dataset": NAME}).content.parts
    assert isinstance(table, Table)
    assert table.total == 2
    chart = {
        "type": "chart",
        "dataset": NAME,
        "shape": "bar",
        "by": {"column": "n"},
        "measures": [{"aggregation": "count"}],
    }
    (drawn,) = dashboards.preview(node, READER, chart).content.parts
    assert not isinstance(drawn, Notice)
    scenarios.save(node, READER, "s", {"steps": [{"type": "sql", "name": "ask", "query": SQL}]}, author="ann")
    run = scenarios.run_and_wait(node, READER, "s", fail_on="")
    assert run.outcome is Outcome.SUCCESS, run.message


def test_a_python_recipe_reads_it_by_its_name(node: Node) -> None:
    code = (
        "import penstock\nfound = penstock.Dataset('BANK.raw').arrow()\n"
        "penstock.Dataset('copied').write(found)\n"
    )
    a_project(node, {
        "recipes/code": {"type": "python", "inputs": [NAME], "outputs": ["copied"], "body": code},
    }, key=READER)  # fmt: skip
    build(node, "copied", key=READER)
    assert rows(node, "copied", key=READER) == [{"n": 1}, {"n": 2}]


def test_files_of_a_shared_folder_are_read_and_never_changed(node: Node, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    folders.put(node, OWNER, "box", [tmp_path / "a.txt"])
    assert [f.path for f in folders.files(node, READER, "BANK.box")] == ["a.txt"]
    for change in (
        lambda: folders.put(node, READER, "BANK.box", [tmp_path / "a.txt"]),
        lambda: folders.remove(node, READER, "BANK.box", ["a.txt"]),
        lambda: folders.clear(node, READER, "BANK.box"),
    ):
        with pytest.raises(Refused, match="belongs to project BANK"):
            change()
    assert selection.clear(node, READER, ["BANK.box", NAME])[0].name == "BANK.box"
    assert [f.path for f in folders.files(node, OWNER, "box")] == ["a.txt"]
    assert rows(node, "raw", key=OWNER) == [{"n": 1}, {"n": 2}]


def test_rows_are_scored_with_a_model_of_another_project(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {
        "datasets/history": {"type": "managed"}, "models/authorized": {"design": DESIGN},
        "recipes/learn": {"type": "train", "input": "history", "model": "authorized"},
    }, key=OWNER)  # fmt: skip
    fill(node, "history", transactions(600), key=OWNER)
    build(node, "authorized", key=OWNER)
    mine = {
        "datasets/may": {"type": "managed"},
        "datasets/scored": {"type": "managed"},
        "evaluations/mes": {},
    }
    a_project(node, mine, key=READER)
    sharing.share(node, OWNER, "authorized", [READER], by="ann")
    fill(node, "may", transactions(100, seed=2), key=READER)
    model = "BANK.authorized"
    a_project(node, {
        "recipes/score": {"type": "score", "input": "may", "model": model, "output": "scored"},
        "recipes/judge": {"type": "evaluate", "input": "may", "model": model, "store": "mes", "evaluation_id": "may"},
    }, key=READER)  # fmt: skip
    build(node, "scored", "mes", key=READER)
    assert {"prediction"} <= set(rows(node, "scored", key=READER)[0])
    found = node.evaluations.latest(READER, "mes")
    assert found is not None
    assert "performance:auc" in found.metrics
    build(node, "scored", key=READER)
    assert flow.standings(node, READER)["scored"].state == "success"


def test_nothing_of_it_can_be_written_renamed_deleted_moved_or_built_there(node: Node) -> None:
    with pytest.raises((InvalidDefinition, InvalidName)):
        a_project(node, {"recipes/bad": {"type": "sync", "input": "copied", "output": NAME}}, key=READER)
    for change in (
        lambda: renaming.rename(node, READER, NAME, "mine", author="ann"),
        lambda: deleting.delete(node, READER, [NAME], author="ann"),
        lambda: selection.tag(node, READER, [NAME], add=["x"], author="ann"),
        lambda: selection.set_rebuild(node, READER, [NAME], "explicit", author="ann"),
        lambda: datasets.clear(node, READER, NAME),
        lambda: projects.define(node, READER, "dataset", NAME, {"type": "managed"}, author="ann"),
    ):
        with pytest.raises((Refused, InvalidName)):
            change()
    node.projects.create("THIRD", title="", author="ann")
    with pytest.raises(Invalid, match=r"There is no object 'BANK\.raw'"):
        sharing.share(node, READER, NAME, ["THIRD"], by="ann")


def test_a_project_it_is_not_shared_with_reads_nothing_whatever_its_files_say(node: Node) -> None:
    with pytest.raises(InvalidDefinition, match="Project BANK shares no 'own' with this one"):
        a_project(node, {"recipes/spy": {**COPY, "input": "BANK.own"}}, key=READER)
    by_hand = {"type": "shared", "project": OWNER, "dataset": "own"}
    fill(node, "own", key=OWNER, secret=[1])
    a_project(node, {"datasets/sly": by_hand}, key=READER)
    with pytest.raises(NotFound, match=r"BANK\.own"):
        rows(node, "sly", key=READER)


def test_when_it_is_no_longer_shared_the_recipe_says_so_and_nothing_is_read(node: Node) -> None:
    a_project(node, {"recipes/copy": COPY}, key=READER)
    assert sharing.shown(node, OWNER)[0].read_by == {READER: ("copy",)}
    sharing.share(node, OWNER, "raw", [], by="ann")
    assert [item.name for item in flow.show(node, READER).items] == ["copied", "BANK.box"]
    assert "Project BANK shares no 'raw'" in flow.show(node, READER).problems[0].problem
    with pytest.raises(InvalidDefinition, match="shares no 'raw'"):
        build(node, "copied", key=READER)


def test_only_what_exists_can_be_shared_and_only_with_projects_that_exist(node: Node) -> None:
    for name, projects_, error in (
        ("nothing", [READER], "There is no object 'nothing'"), ("mes", [READER], "is an evaluation store"),
        ("own", [OWNER], "reads its own objects anyway"), ("own", ["NOWHERE"], "NOWHERE"),
    ):  # fmt: skip
        with pytest.raises((Invalid, NotFound), match=error):
            sharing.share(node, OWNER, name, projects_, by="ann")
    with pytest.raises(InvalidDefinition, match="There is no object 'gone'"):
        node.projects.save(
            OWNER,
            {"project.yaml": "shared: [{name: gone, projects: [SHOP]}]"},
            author="ann",
            message="Broken",
        )


def test_what_others_read_is_neither_renamed_nor_deleted(node: Node) -> None:
    with pytest.raises(Refused, match="shared with SHOP"):
        renaming.rename(node, OWNER, "raw", "cooked", author="ann")
    with pytest.raises(Refused, match="raw is shared with SHOP"):
        deleting.delete(node, OWNER, ["raw"], author="ann")


def test_sharing_takes_a_right_of_its_own_and_is_in_the_log(node: Node) -> None:
    users.add(node, "bob")
    with pytest.raises(NotAllowed, match="share objects"):
        sharing.share(node, OWNER, "own", [READER], by="bob")
    [last, _] = audit.latest(node, msg_type="project-shared-objects-change")
    assert (last["object"], last["projects"]) == ("folder:box", [READER])


def test_what_is_received_is_told_with_who_reads_it(node: Node) -> None:
    a_project(node, {"recipes/copy": COPY}, key=READER)
    found = {one.name: one for one in sharing.received(node, READER)}
    assert (found[NAME].project, found[NAME].sort, found[NAME].recipes) == (OWNER, "dataset", ("copy",))
    assert {*sharing.shareable(node, OWNER)} == {("dataset", "raw"), ("dataset", "own"), ("folder", "box")}
