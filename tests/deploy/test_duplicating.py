"""A duplicated project: with its inputs, with everything, or without data; the first one stays untouched."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.errors import Conflict, Invalid
from penstock.core.node import Node
from penstock.runtime import datasets, folders, projects
from penstock.testing import KEY, a_node, a_project, build, fill, rows
from tests.web.pages.modelled import a_bank


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = a_node(tmp_path)
    a_project(node, {
        "datasets/reference": {"type": "managed"}, "datasets/made": {"type": "managed"},
        "datasets/empty": {"type": "managed"}, "datasets/sent": {"type": "upload", "format": "csv"},
        "folders/papers": {},
        "recipes/copy": {"type": "sync", "input": "reference", "output": "made"},
    })  # fmt: skip
    fill(node, "reference", n=[1, 2])
    build(node, "made")
    file = tmp_path / "sent.csv"
    file.write_text("n\n7\n")
    datasets.upload(node, "DEMO", "sent", [file])
    folders.put(node, "DEMO", "papers", [file])
    return node


@pytest.mark.requirement("D93")
def test_inputs_go_along_and_what_recipes_make_does_not(node: Node) -> None:
    projects.duplicate(node, "DEMO", "COPY", author="ann", data="inputs")
    assert rows(node, "reference", key="COPY") == [{"n": 1}, {"n": 2}]
    assert len(rows(node, "sent", key="COPY")) == 1
    assert [f.path for f in folders.files(node, "COPY", "papers")] == ["sent.csv"]
    assert node.data.snapshot("COPY", "made") is None


@pytest.mark.requirement("D93")
def test_everything_goes_along_and_the_first_one_stays_as_it_was(tmp_path: Path) -> None:
    node = a_bank(tmp_path)
    before = {e.id: e.metrics for e in node.evaluations.list(KEY, "mes")}
    projects.duplicate(node, KEY, "COPY", author="ann", data="everything")
    version = node.models.active(KEY, "authorized")
    assert node.models.active("COPY", "authorized") == version
    assert {e.id: e.metrics for e in node.evaluations.list("COPY", "mes")} == before
    for name in node.projects.load(KEY).datasets:
        snapshot = node.data.snapshot(KEY, name)
        copied = node.data.snapshot("COPY", name)
        assert (copied and copied.rows) == (snapshot and snapshot.rows)
    projects.delete(node, "COPY")
    assert {e.id: e.metrics for e in node.evaluations.list(KEY, "mes")} == before
    assert node.models.active(KEY, "authorized") == version


@pytest.mark.requirement("D93")
def test_without_data_a_build_makes_it_and_a_taken_key_is_refused(node: Node) -> None:
    projects.duplicate(node, "DEMO", "COPY", author="ann")
    assert node.data.snapshot("COPY", "reference") is None
    with pytest.raises(Conflict):
        projects.duplicate(node, "DEMO", "COPY", author="ann", data="inputs")
    with pytest.raises(Invalid, match="everything"):
        projects.duplicate(node, "DEMO", "OTHER", author="ann", data="evrything")  # type: ignore[arg-type]
    assert projects.keys(node) == ["COPY", "DEMO"]
