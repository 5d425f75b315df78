"""To-dos of a project."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.errors import Invalid, NotFound
from penstock.core.node import Node
from penstock.runtime import projects, to_dos
from penstock.testing import a_node, a_project


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = a_node(tmp_path)
    a_project(made)
    return made


def listed(node: Node) -> list[tuple[str, bool]]:
    return [(t.text, t.done) for t in node.projects.load("DEMO").settings.to_dos]


def test_each_change_is_a_commit_by_its_author(node: Node) -> None:
    to_dos.add(node, "DEMO", " one ", author="ann")
    to_dos.add(node, "DEMO", "two", author="bob")
    to_dos.tick(node, "DEMO", 0, done=True, author="eve")
    assert listed(node) == [("one", True), ("two", False)]
    newest = projects.history(node, "DEMO")[0]
    assert newest.message.strip() == "Done: one"
    assert "eve" in newest.author
    to_dos.remove(node, "DEMO", 0, author="ann")
    assert listed(node) == [("two", False)]


def test_a_to_do_without_words_or_place_is_refused(node: Node) -> None:
    with pytest.raises(Invalid):
        to_dos.add(node, "DEMO", " ", author="ann")
    with pytest.raises(NotFound):
        to_dos.remove(node, "DEMO", 0, author="ann")
