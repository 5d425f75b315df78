"""Lineage of a node: over recipes and projects, what people tell, descriptions that are taken over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import ColumnMissing, NotFound, Refused
from penstock.core.lineage import ColumnLineage
from penstock.core.node import Node
from penstock.runtime import datasets, lineage, projects, sharing
from penstock.testing import a_node, a_project, fill

X = {"name": "x", "type": "bigint", "description": "The x."}
OBJECTS: dict[str, dict[str, Any]] = {
    "datasets/raw": {"type": "managed", "columns": [X, {"name": "y", "type": "bigint"}]},
    "datasets/clean": {"type": "managed"}, "datasets/made": {"type": "managed"},
    "recipes/clean": {
        "type": "prepare", "input": "raw", "output": "clean",
        "steps": [{"type": "formula", "column": "s", "formula": "x + y"}],
    },
    "recipes/code": {"type": "python", "inputs": ["clean"], "outputs": ["made"], "body": "pass"},
}  # fmt: skip


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = a_node(tmp_path)
    a_project(node, OBJECTS)
    fill(node, "raw", x=[1], y=[2])
    fill(node, "clean", x=[1], y=[2], s=[3])
    fill(node, "made", s=[3], total=[6])
    return node


def ways(found: ColumnLineage) -> list[tuple[str, str, bool]]:
    return [
        (f"{r.source}.{r.source_column}", f"{r.target}.{r.target_column}", r.sure) for r in found.upstream
    ]


@pytest.mark.requirement("D95")
def test_a_column_is_followed_up_through_code_with_a_mark_and_down(node: Node) -> None:
    assert ways(lineage.of_column(node, "DEMO", "made", "s")) == [
        ("clean.s", "made.s", False), ("raw.x", "clean.s", True), ("raw.y", "clean.s", True),
    ]  # fmt: skip
    down = lineage.of_column(node, "DEMO", "raw", "y").downstream
    assert {f"{r.target}.{r.target_column}" for r in down} == {"clean.y", "clean.s", "made.s"}


@pytest.mark.requirement("D95")
def test_what_a_person_tells_replaces_the_guess_and_can_be_taken_back(node: Node) -> None:
    told = [{"dataset": "clean", "column": "x"}, {"dataset": "clean", "column": "s"}]
    lineage.tell(node, "DEMO", "made", "total", told, author="ann")
    found = lineage.of_column(node, "DEMO", "made", "total").upstream
    assert [(r.source_column, r.sure, r.told) for r in found[:2]] == [("s", True, True), ("x", True, True)]
    lineage.tell(node, "DEMO", "made", "s", [], author="ann")
    assert lineage.of_column(node, "DEMO", "made", "s").upstream == []
    lineage.tell(node, "DEMO", "made", "s", None, author="ann")
    assert len(lineage.of_column(node, "DEMO", "made", "s").upstream) == 3
    assert node.projects.history("DEMO", limit=1)[0].message == "Tell where made.s comes from"


@pytest.mark.requirement("D95")
def test_only_what_is_told_counts_when_it_is_so_chosen(node: Node) -> None:
    lineage.trust(node, "DEMO", "made", guess=False, author="ann")
    assert lineage.of_column(node, "DEMO", "made", "s").upstream == []
    lineage.trust(node, "DEMO", "made", guess=True, author="ann")
    assert lineage.of_column(node, "DEMO", "made", "s").upstream != []


def test_words_name_what_is_there(node: Node) -> None:
    with pytest.raises(ColumnMissing, match="total"):
        lineage.of_column(node, "DEMO", "made", "totl")
    with pytest.raises(NotFound, match="clean"):
        lineage.tell(node, "DEMO", "made", "s", [{"dataset": "claen", "column": "x"}], author="ann")
    with pytest.raises(Refused, match="No recipe writes raw"):
        lineage.tell(node, "DEMO", "raw", "x", [], author="ann")


def test_words_follow_a_renamed_dataset(node: Node) -> None:
    lineage.tell(node, "DEMO", "made", "total", [{"dataset": "clean", "column": "x"}], author="ann")
    projects.rename(node, "DEMO", "clean", "tidy", author="ann")
    assert lineage.of_dataset(node, "DEMO", "made")[0].source in ("tidy",)
    assert node.projects.load("DEMO").lineage.known["made"]["total"][0].dataset == "tidy"


@pytest.mark.requirement("D95")
def test_the_way_goes_on_in_a_project_that_reads_it(node: Node) -> None:
    a_project(node, key="OTHER")
    sharing.share(node, "DEMO", "made", ["OTHER"], by="ann")
    a_project(node, {
        "datasets/copy": {"type": "managed"},
        "recipes/copy": {"type": "sync", "input": "DEMO.made", "output": "copy"},
    }, key="OTHER")  # fmt: skip
    down = lineage.of_column(node, "DEMO", "made", "total").downstream
    assert [(r.target, r.target_column) for r in down] == [("OTHER.copy", "total")]
    fill(node, "copy", key="OTHER", s=[3], total=[6])
    up = lineage.of_column(node, "OTHER", "copy", "s").upstream
    assert [r.source for r in up] == ["DEMO.made", "DEMO.clean", "DEMO.raw", "DEMO.raw"]


@pytest.mark.requirement("D90")
def test_descriptions_are_proposed_downstream_and_taken_over_when_asked(node: Node) -> None:
    assert [(p.dataset, p.column, p.description) for p in lineage.proposals(node, "DEMO")] == [
        ("clean", "x", "The x.")
    ]
    assert lineage.accept(node, "DEMO", author="ann") == 1
    assert datasets.known_columns(node, node.projects.load("DEMO"), "clean")[0].description == "The x."
    assert lineage.accept(node, "DEMO", author="ann") == 0
