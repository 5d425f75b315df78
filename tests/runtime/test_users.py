"""Users and groups."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.access import Permission, Source
from penstock.core.errors import Conflict, Invalid, InvalidName, NotFound, Refused
from penstock.core.node import Node
from penstock.runtime import identity, users
from penstock.testing import a_node


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return a_node(tmp_path)


def test_the_homes_owner_needs_no_account_here(node: Node) -> None:
    who = users.identity(node, "ann")
    assert (who.source, who.is_administrator) == (Source.LOCAL, True)
    assert identity.is_administrator(node, "ann")
    assert not identity.is_administrator(node, "stranger")


def test_with_an_account_it_is_the_account_that_counts(node: Node) -> None:
    users.add(node, "ann")
    assert not identity.is_administrator(node, "ann")
    users.change(node, "ann", admin=True)
    assert identity.is_administrator(node, "ann")


def test_a_login_is_taken_in_whatever_case_it_is_written(node: Node) -> None:
    users.add(node, "Eva")
    with pytest.raises(Conflict, match="user 'Eva' already"):
        users.add(node, "eva")
    for bad in ("", "key:1", "a b", "-x", "<script>", "x" * 101):
        with pytest.raises(InvalidName):
            users.add(node, bad)
    with pytest.raises(Invalid, match="no e-mail address"):
        users.add(node, "bob", email="nowhere")
    with pytest.raises(Invalid, match="is the login"):
        users.add(node, "longlogin1", password="longlogin1")


def test_groups_give_permissions_and_must_be_there(node: Node) -> None:
    users.save_group(node, "ops", permissions=["manage connections", "administrator"])
    users.add(node, "bob", groups=["ops"])
    assert users.identity(node, "bob").is_administrator
    assert [user.login for user in users.members(node, "ops")] == ["bob"]
    assert users.save_group(node, "ops", description="Keeps it running").permissions == (
        Permission.ADMINISTRATOR,
        Permission.MANAGE_CONNECTIONS,
    )
    with pytest.raises(NotFound, match="Did you mean ops"):
        users.change(node, "bob", groups=["opps"])
    with pytest.raises(NotFound, match="no permission 'read'"):
        users.save_group(node, "ops", permissions=["read"])


def test_the_last_administrator_stays_one(node: Node) -> None:
    users.save_group(node, "ops", permissions=["administrator"])
    users.add(node, "bob", groups=["ops"])
    for attempt in (
        lambda: users.disable(node, "bob"),
        lambda: users.change(node, "bob", groups=[]),
        lambda: users.delete_group(node, "ops"),
        lambda: users.save_group(node, "ops", permissions=[]),
    ):
        with pytest.raises(Refused, match=r"last administrator|nobody could administer"):
            attempt()
    users.add(node, "eva", admin=True)
    assert not users.disable(node, "bob").enabled
    users.delete_group(node, "ops")
    assert users.show(node, "bob").groups == ()
