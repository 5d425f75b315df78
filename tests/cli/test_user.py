"""Users, groups, keys, rights and the audit log from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.app import open_node
from penstock.runtime import keys, sessions

from .bank import Bank


def test_a_user_is_made_with_a_link_that_lets_them_in(empty: Bank) -> None:
    said = empty.ok("user", "add", "eva", "--name", "Eva", "--admin").out
    secret = said.split("/welcome/")[1].split()[0]
    node = open_node(empty.home)
    who = sessions.identify(node, sessions.use_link(node, secret, "correct horse"))
    assert (who.name, who.is_administrator) == ("Eva", True)
    assert empty.run("user", "add", "EVA").code == 4
    (listed,) = empty.ok("user", "list", "--json").json
    assert (listed["login"], listed["admin"]) == ("eva", True)
    assert "correct horse" not in empty.ok("audit", "tail", "--json").out


def test_groups_and_disabling(empty: Bank) -> None:
    empty.ok("group", "set", "ops", "--permission", "manage connections", "--description", "Runs it")
    empty.ok("user", "add", "eva")
    assert empty.ok("user", "groups", "eva", "ops").out == "eva is in ops.\n"
    assert [m["login"] for m in empty.ok("group", "members", "ops", "--json").json] == ["eva"]
    wrong = empty.run("group", "set", "ops", "--permission", "manage conections")
    assert (wrong.code, "Did you mean manage connections" in wrong.err) == (3, True)
    empty.ok("user", "disable", "eva")
    assert empty.ok("user", "show", "eva", "--json").json["enabled"] is False
    empty.ok("user", "enable", "eva")
    empty.ok("group", "delete", "ops")
    assert empty.ok("group", "list", "--json").json == []


def test_a_key_is_shown_once_and_revoked(empty: Bank) -> None:
    refused = empty.run("key", "create")
    assert (refused.code, "penstock user add" in refused.err) == (3, True)
    empty.ok("project", "create", "BANK")
    secret = empty.ok("key", "create", "--project", "BANK", "--right", "read", "--label", "robot").out.strip()
    (listed,) = empty.ok("key", "list", "--json").json
    assert secret.startswith(listed["key"])
    assert secret not in str(listed)
    assert listed["may"] == ["BANK: read"]
    assert keys.identify(open_node(empty.home), secret).name == "robot"
    empty.ok("key", "revoke", listed["key"])
    assert empty.ok("key", "list", "--json").json == []
    every = empty.ok("key", "create", "--every-project", "--right", "read", "--json").json
    assert every["may"] == ["*: read"]


def test_rights_in_a_project(empty: Bank) -> None:
    empty.ok("project", "create", "BANK")
    empty.ok("user", "add", "eva")
    empty.ok("project", "people", "grant", "read", "run scenarios", "--user", "eva")
    empty.ok("project", "people", "visibility", "discoverable")
    told = empty.ok("project", "people", "show", "--json").json
    assert (told["users"], told["visibility"]) == ({"eva": told["users"]["eva"]}, "discoverable")
    assert sorted(told["users"]["eva"]) == ["read", "run scenarios"]
    empty.ok("project", "people", "owner", "eva")
    shown = empty.ok("project", "people", "show").out
    assert "eva  owner  everything" in shown
    empty.ok("project", "people", "grant", "--user", "eva")
    assert empty.ok("project", "people", "show", "--json").json["users"] == {}


@pytest.mark.requirement("A100")
def test_the_audit_log_is_searched(empty: Bank) -> None:
    empty.ok("project", "create", "BANK")
    empty.ok("user", "add", "eva")
    found = empty.ok("audit", "search", "--type", "project-create", "--json").json
    assert [(r["project"], r["source"]) for r in found] == [("BANK", "local")]
    assert (
        empty.ok("audit", "search", "user:eva", "--since", "2026-01-01", "--json").json[-1]["msgType"]
        == "user-create"
    )
    assert "Nothing happened" in empty.ok("audit", "search", "--user", "nobody").out


def test_a_password_is_read_from_a_file_and_not_from_the_command(empty: Bank, tmp_path: Path) -> None:
    empty.ok("user", "add", "eva")
    assert empty.run("user", "passwd", "eva", "typed in the open").code == 2
