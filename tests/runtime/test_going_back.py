"""History and export of a project as people use them: who changed what, going back, taking it elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.errors import Conflict
from penstock.deploy import exports
from penstock.runtime import projects, wiki
from penstock.testing import a_node, a_project, build, fill, rows

OBJECTS = {
    "datasets/raw": {"type": "managed", "short_description": "What came in."}, "datasets/made": {"type": "managed"},
    "recipes/copy": {"type": "sync", "input": "raw", "output": "made"},
}  # fmt: skip


@pytest.mark.requirement("D91")
def test_editing_a_recipe_is_one_commit_with_author_and_going_back_keeps_the_data(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, OBJECTS)
    fill(node, "raw", n=[1])
    build(node, "made")
    before = node.projects.history("DEMO", limit=1)[0]
    changed = node.projects.load("DEMO").recipes["copy"].to_mapping() | {"description": "Other."}
    projects.define(node, "DEMO", "recipe", "copy", changed, author="bob")
    newest, older = node.projects.history("DEMO", "flow/recipes/copy.yaml", limit=2)
    assert newest.author.startswith("bob")
    assert older.id == before.id or older.time <= before.time
    projects.revert(node, "DEMO", before.id, author="ann")
    assert node.projects.load("DEMO").recipes["copy"].description == ""
    assert rows(node, "made") == [{"n": 1}]


@pytest.mark.requirement("D92")
def test_an_export_taken_in_under_another_key_builds_and_its_links_lead_on(tmp_path: Path) -> None:
    here, there = a_node(tmp_path / "here"), a_node(tmp_path / "there")
    a_project(here, OBJECTS)
    text = "See [raw](dataset:raw), (made)[dataset:made] and [[Guide]]."
    wiki.create(here, "DEMO", "Guide", author="ann", text=text)
    archive = exports.write(here, "DEMO", tmp_path / "demo.zip")
    exports.take_in(there, [archive], author="eve", key="OTHER")
    assert wiki.show(there, "OTHER", "Guide").dead == ()
    fill(there, "raw", key="OTHER", n=[1, 2])
    build(there, "made", key="OTHER")
    assert rows(there, "made", key="OTHER") == [{"n": 1}, {"n": 2}]
    assert there.projects.load("OTHER").dataset("raw").short_description == "What came in."
    with pytest.raises(Conflict):
        exports.take_in(there, [archive], author="eve", key="OTHER")
