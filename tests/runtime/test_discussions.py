"""Discussions of a project: begun, answered, changed, closed; who was meant is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.errors import Invalid, NotAllowed, NotFound
from penstock.core.node import Node
from penstock.runtime import discussions, people, projects, to_dos, users
from penstock.testing import a_node, a_project

pytestmark = pytest.mark.both_states


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    for login in ("ann", "bob", "eve"):
        users.add(node, login, admin=login == "ann")
    people.grant(node, "DEMO", ["read"], user="bob", by="ann")
    return node


@pytest.mark.requirement("D94")
def test_whoever_is_meant_and_may_read_is_told_once(node: Node) -> None:
    begun = discussions.begin(node, "DEMO", "dataset:raw", "Nulls", "@bob @eve why so many?", author="ann")
    [told] = discussions.notices(node, "bob")
    assert (told.project, told.object, told.discussion, told.by) == ("DEMO", "dataset:raw", begun.id, "ann")
    assert discussions.notices(node, "eve") == []
    discussions.change(node, "DEMO", begun.id, begun.replies[0].id, "@bob why so very many?", author="ann")
    assert discussions.unseen(node, "bob") == 1
    discussions.see(node, "bob")
    assert discussions.unseen(node, "bob") == 0
    discussions.reply(node, "DEMO", begun.id, "@bob?", author="ann")
    assert discussions.unseen(node, "bob") == 1


@pytest.mark.requirement("D94")
def test_what_was_said_before_stays_to_be_seen(node: Node) -> None:
    begun = discussions.begin(node, "DEMO", "dataset:raw", "Nulls", "Many.", author="ann")
    changed = discussions.change(node, "DEMO", begun.id, begun.replies[0].id, "Few.", author="ann")
    assert (changed.replies[0].text, [e.text for e in changed.replies[0].earlier]) == ("Few.", ["Many."])
    with pytest.raises(NotAllowed, match="Only whoever said it"):
        discussions.change(node, "DEMO", begun.id, begun.replies[0].id, "None.", author="bob")
    with pytest.raises(NotFound):
        discussions.change(node, "DEMO", begun.id, 99, "None.", author="ann")


@pytest.mark.requirement("D94")
def test_a_closed_one_comes_last_and_a_reply_opens_it(node: Node) -> None:
    first = discussions.begin(node, "DEMO", "dataset:raw", "First", "x", author="ann")
    discussions.begin(node, "DEMO", "project:", "Second", "x", author="ann")
    assert [d.topic for d in discussions.listing(node, "DEMO")] == ["Second", "First"]
    discussions.reply(node, "DEMO", first.id, "again", author="bob")
    discussions.close(node, "DEMO", first.id, author="bob")
    assert [(d.topic, d.closed) for d in discussions.listing(node, "DEMO")] == [
        ("Second", False), ("First", True),
    ]  # fmt: skip
    assert not discussions.reply(node, "DEMO", first.id, "no, not yet", author="ann").closed
    assert [d.topic for d in discussions.listing(node, "DEMO", "dataset:raw")] == ["First"]


def test_they_follow_a_renamed_object_and_go_with_the_project(node: Node) -> None:
    discussions.begin(node, "DEMO", "dataset:raw", "Nulls", "@bob", author="ann")
    projects.rename(node, "DEMO", "raw", "rows", author="ann")
    assert len(discussions.listing(node, "DEMO", "dataset:rows")) == 1
    assert discussions.notices(node, "bob")[0].object == "dataset:rows"
    projects.delete(node, "DEMO")
    a_project(node)
    assert discussions.listing(node, "DEMO") == []
    assert discussions.notices(node, "bob") == []


def test_what_is_not_there_and_what_has_no_words_is_refused(node: Node) -> None:
    with pytest.raises(NotFound, match="raw"):
        discussions.begin(node, "DEMO", "dataset:rwa", "T", "x", author="ann")
    with pytest.raises(NotFound, match="dataset"):
        discussions.begin(node, "DEMO", "datset:raw", "T", "x", author="ann")
    for topic, text in ((" ", "x"), ("T", " \n"), ("T" * 201, "x"), ("T", "x" * 20_001)):
        with pytest.raises(Invalid):
            discussions.begin(node, "DEMO", "project:", topic, text, author="ann")
    assert discussions.listing(node, "DEMO") == []


@pytest.mark.requirement("D94")
def test_a_to_do_says_who_did_it_and_when(node: Node) -> None:
    to_dos.add(node, "DEMO", "Look", author="ann")
    to_dos.tick(node, "DEMO", 0, done=True, author="bob")
    done = node.projects.load("DEMO").settings.to_dos[0]
    assert (done.done, done.done_by) == (True, "bob")
    assert done.done_at is not None
    to_dos.tick(node, "DEMO", 0, done=False, author="bob")
    assert node.projects.load("DEMO").settings.to_dos[0].done_at is None
