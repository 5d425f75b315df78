"""Rights in a project: they add up, and nobody passes on what they lack."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.access import People, Permission, Right
from penstock.core.errors import Invalid, NotAllowed, NotFound, NotSignedIn
from penstock.core.node import Node
from penstock.runtime import people, projects, users
from penstock.testing import a_node, a_project

pytestmark = pytest.mark.both_states

READ, WRITE, RUN = Permission.READ, Permission.WRITE, Permission.RUN


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = a_node(tmp_path)
    for login in ("eva", "bob", "cleo"):
        users.add(made, login)
    users.save_group(made, "analysts")
    users.change(made, "bob", groups=["analysts"])
    projects.create(made, "DEMO", author="eva")
    return made


def test_nobody_has_any_right_but_the_owner_and_administrators(node: Node) -> None:
    bob, eva, ann = (users.identity(node, login) for login in ("bob", "eva", "ann"))
    assert people.visible(node, bob) == []
    assert people.visible(node, eva) == ["DEMO"]
    assert people.may(node, eva, Permission.ADMIN, "DEMO")
    assert people.may(node, ann, Permission.ADMIN, "DEMO")
    with pytest.raises(NotFound, match="There is no project 'DEMO'"):
        people.require(node, bob, READ, "DEMO")
    with pytest.raises(NotSignedIn):
        people.require(node, users.identity(node, "stranger"), READ, "DEMO")


@pytest.mark.requirement("A99")
def test_rights_of_a_person_and_of_their_groups_add_up(node: Node) -> None:
    people.grant(node, "DEMO", ["read"], group="analysts", by="eva")
    people.grant(node, "DEMO", ["export datasets"], user="bob", by="eva")
    bob = users.identity(node, "bob")
    assert people.may(node, bob, READ, "DEMO")
    assert people.may(node, bob, Permission.EXPORT, "DEMO")
    assert not people.may(node, bob, WRITE, "DEMO")
    users.change(node, "bob", groups=[])
    bob = users.identity(node, "bob")
    assert not people.may(node, bob, READ, "DEMO")
    assert people.may(node, bob, Permission.EXPORT, "DEMO")


@pytest.mark.requirement("A99")
def test_without_write_one_reads_and_neither_builds_nor_edits(node: Node) -> None:
    people.grant(node, "DEMO", ["write"], user="bob", by="eva")
    people.require(node, users.identity(node, "bob"), WRITE, "DEMO")
    people.grant(node, "DEMO", ["read"], user="bob", by="eva")
    bob = users.identity(node, "bob")
    people.require(node, bob, READ, "DEMO")
    for gone in (WRITE, RUN, Permission.WRITE_DASHBOARDS):
        with pytest.raises(
            NotAllowed, match=r"bob lacks the permission .* eva, the project's owner, can give it"
        ):
            people.require(node, bob, gone, "DEMO")


@pytest.mark.requirement("A99")
def test_nobody_gives_or_takes_a_right_they_lack(node: Node) -> None:
    people.grant(node, "DEMO", ["edit permissions", "read"], user="bob", by="eva")
    people.grant(node, "DEMO", ["write"], user="cleo", by="eva")
    people.grant(node, "DEMO", ["read"], group="analysts", by="bob")
    for rights in (["write"], ["admin"], ["run scenarios"]):
        with pytest.raises(NotAllowed, match="nobody passes on a right they lack"):
            people.grant(node, "DEMO", rights, user="bob", by="bob")
    with pytest.raises(NotAllowed, match="may not give or take"):
        people.grant(node, "DEMO", [], user="cleo", by="bob")
    with pytest.raises(NotAllowed, match="edit permissions"):
        people.grant(node, "DEMO", ["read"], user="cleo", by="cleo")
    with pytest.raises(NotAllowed):
        people.set_owner(node, "DEMO", "bob", by="bob")


def test_a_discoverable_project_is_seen_and_not_read_by_others(node: Node) -> None:
    people.set_visibility(node, "DEMO", "discoverable", by="eva")
    bob = users.identity(node, "bob")
    assert people.visible(node, bob) == ["DEMO"]
    assert people.visible(node, bob, READ) == []
    with pytest.raises(NotAllowed, match="“read” in project DEMO"):
        people.require(node, bob, READ, "DEMO")
    with pytest.raises(NotFound, match="visibility"):
        people.set_visibility(node, "DEMO", "public", by="eva")


def test_words_that_name_nothing_are_refused_with_the_nearest(node: Node) -> None:
    with pytest.raises(NotFound, match="Did you mean export datasets"):
        people.grant(node, "DEMO", ["export dataset"], user="bob", by="eva")
    with pytest.raises(NotFound, match=r"no user 'bobb'.*Did you mean bob"):
        people.grant(node, "DEMO", ["read"], user="bobb", by="eva")
    with pytest.raises(Invalid, match="one user or to one group"):
        people.grant(node, "DEMO", ["read"], user="bob", group="analysts", by="eva")


def test_a_new_owner_takes_over(node: Node) -> None:
    people.set_owner(node, "DEMO", "bob", by="eva")
    assert people.visible(node, users.identity(node, "eva")) == []
    assert people.may(node, users.identity(node, "bob"), Permission.ADMIN, "DEMO")


def test_whoever_takes_a_project_in_owns_it_and_nobody_else_comes_along(node: Node, tmp_path: Path) -> None:
    people.grant(node, "DEMO", ["read"], user="bob", by="eva")
    there = a_node(tmp_path / "there")
    users.add(there, "bob")
    projects.add(there, node.projects.path("DEMO"), author="importer")
    assert people.of(there, "DEMO") == People(project="DEMO", owner="importer")


def test_a_group_that_is_gone_gives_nothing_any_more(node: Node) -> None:
    people.grant(node, "DEMO", ["read"], group="analysts", by="eva")
    users.delete_group(node, "analysts")
    assert node.users.get("bob").groups == ()
    assert people.of(node, "DEMO").groups == {}
    users.save_group(node, "analysts")
    users.change(node, "bob", groups=["analysts"])
    assert people.visible(node, users.identity(node, "bob")) == []


@pytest.mark.requirement("A96")
def test_people_with_only_dashboards_see_what_is_authorised_and_are_told_why_not(node: Node) -> None:
    a_project(node, {"datasets/raw": {"type": "managed"}, "datasets/other": {"type": "managed"}})
    people.grant(node, "DEMO", ["read dashboards"], user="bob", by="eva")
    people.grant(node, "DEMO", ["read", "authorise objects"], user="cleo", by="eva")
    people.authorise(node, "DEMO", "dataset", "raw", by="cleo")
    bob, cleo = users.identity(node, "bob"), users.identity(node, "cleo")
    people.check_authorised(node, bob, "DEMO", "dataset", "raw")
    people.check_authorised(node, cleo, "DEMO", "dataset", "other")
    with pytest.raises(NotAllowed, match=r"dataset other is not authorised .* Ask eva to authorise it"):
        people.check_authorised(node, bob, "DEMO", "dataset", "other")
    with pytest.raises(NotAllowed, match="not authorised"):
        people.check_authorised(node, bob, "DEMO", "dataset", "raw", Right.RUN)
    with pytest.raises(NotAllowed, match="authorise objects"):
        people.authorise(node, "DEMO", "dataset", "other", by="bob")
    with pytest.raises(NotFound, match=r"no dataset 'row'.*Did you mean raw"):
        people.authorise(node, "DEMO", "dataset", "row", by="cleo")
    people.authorise(node, "DEMO", "dataset", "raw", (), by="cleo")
    with pytest.raises(NotAllowed):
        people.check_authorised(node, bob, "DEMO", "dataset", "raw")
    assert node.projects.history("DEMO")[0].message == "Withdraw dataset raw"
