"""API keys: shown once, kept as hashes, worth what they were given, refused at once when revoked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from penstock.core.access import Permission, Source
from penstock.core.errors import Invalid, NotAllowed, NotFound, NotSignedIn, TooManyAttempts
from penstock.core.node import Node
from penstock.runtime import keys, people, projects, users
from penstock.testing import a_node

from .clocks import Held

pytestmark = pytest.mark.both_states

READ, WRITE, RUN = Permission.READ, Permission.WRITE, Permission.RUN


@pytest.fixture
def clock() -> Held:
    return Held()


@pytest.fixture
def node(tmp_path: Path, clock: Held) -> Node:
    made = replace(a_node(tmp_path), clock=clock)
    for login in ("eva", "bob"):
        users.add(made, login)
    projects.create(made, "BANK", author="eva")
    projects.create(made, "OTHER", author="eva")
    return made


@pytest.mark.requirement("A100")
def test_a_personal_key_acts_as_its_user(node: Node) -> None:
    users.save_group(node, "coders", permissions=["write code"])
    users.change(node, "eva", groups=["coders"])
    made = keys.create_personal(node, by="eva", label="laptop")
    who = keys.identify(node, made.secret, address="10.0.0.1")
    assert (who.login, who.source, who.key) == ("eva", Source.PERSONAL_KEY, made.key.id)
    assert who.groups == {"coders"}
    assert people.may(node, who, Permission.WRITE_CODE)
    assert people.may(node, who, Permission.ADMIN, "BANK")
    users.disable(node, "eva")
    with pytest.raises(NotSignedIn, match="disabled"):
        keys.identify(node, made.secret)


@pytest.mark.requirement("A100")
def test_a_project_key_cannot_leave_its_project(node: Node) -> None:
    people.set_visibility(node, "OTHER", "discoverable", by="eva")
    made = keys.create_for_project(node, "BANK", ["read", "run scenarios"], by="eva")
    who = keys.identify(node, made.secret)
    assert (who.login, who.source) == (f"key:{made.key.id}", Source.PROJECT_KEY)
    assert people.may(node, who, RUN, "BANK")
    assert not people.may(node, who, WRITE, "BANK")
    assert people.visible(node, who) == ["BANK"]
    with pytest.raises(NotFound, match="no project 'OTHER'"):
        people.require(node, who, READ, "OTHER")
    with pytest.raises(NotAllowed, match="create projects"):
        people.require(node, who, Permission.CREATE_PROJECTS)


@pytest.mark.requirement("A100")
def test_a_revoked_key_is_refused_at_once(node: Node) -> None:
    made = keys.create_personal(node, by="eva")
    assert keys.identify(node, made.secret).is_known
    keys.revoke(node, made.key.prefix, by="eva")
    with pytest.raises(NotSignedIn, match="good no more"):
        keys.identify(node, made.secret)
    assert users.identity(node, f"key:{made.key.id}").is_known is False


def test_a_key_is_good_until_it_expires(node: Node, clock: Held) -> None:
    made = keys.create_personal(node, by="eva", days=30)
    clock.passes(timedelta(days=29))
    keys.identify(node, made.secret)
    assert node.credentials.key(made.key.id).used_at == clock.now()
    clock.passes(timedelta(days=1))
    with pytest.raises(NotSignedIn):
        keys.identify(node, made.secret)
    with pytest.raises(Invalid):
        keys.create_personal(node, by="eva", days=-1)


@pytest.mark.sqlite
def test_a_key_is_shown_once_and_kept_as_a_hash(node: Node, tmp_path: Path) -> None:
    made = keys.create_personal(node, by="eva", label="laptop")
    assert made.secret.startswith(f"{made.key.prefix}_")
    (listed,) = keys.listing(node, login="eva")
    assert listed == made.key
    kept = b"".join(path.read_bytes() for path in (tmp_path / "home").glob("state.db*"))
    assert made.secret.rpartition("_")[2].encode() not in kept


def test_nobody_puts_a_right_into_a_key_that_they_lack(node: Node) -> None:
    people.grant(node, "BANK", ["read", "edit permissions"], user="bob", by="eva")
    with pytest.raises(NotAllowed, match="may not give or take “write”"):
        keys.create_for_project(node, "BANK", ["write"], by="bob")
    assert keys.create_for_project(node, "BANK", ["read"], by="bob").key.created_by == "bob"
    with pytest.raises(NotAllowed, match="administrator"):
        keys.create_global(node, by="eva", permissions=["administrator"])
    with pytest.raises(Invalid, match="could do nothing"):
        keys.create_for_project(node, "BANK", [], by="eva")


def test_a_global_key_reaches_the_projects_it_names(node: Node) -> None:
    one = keys.create_global(node, by="ann", projects={"BANK": ["write"]})
    every = keys.create_global(node, by="ann", projects={"*": ["read"]}, permissions=["create projects"])
    who, all_ = keys.identify(node, one.secret), keys.identify(node, every.secret)
    assert people.visible(node, who, READ) == ["BANK"]
    assert people.visible(node, all_, READ) == ["BANK", "OTHER"]
    assert people.may(node, all_, Permission.CREATE_PROJECTS)
    assert not people.may(node, all_, WRITE, "BANK")
    assert users.identity(node, all_.login) == all_


def test_only_its_user_or_an_administrator_revokes_a_personal_key(node: Node) -> None:
    made = keys.create_personal(node, by="eva")
    with pytest.raises(NotAllowed):
        keys.revoke(node, made.key.id, by="bob")
    keys.revoke(node, made.key.id, by="ann")
    assert keys.listing(node) == []


def test_keys_go_with_their_project(node: Node) -> None:
    made = keys.create_for_project(node, "BANK", ["read"], by="eva")
    projects.delete(node, "BANK")
    projects.create(node, "BANK", author="bob")
    with pytest.raises(NotSignedIn):
        keys.identify(node, made.secret)
    assert people.of(node, "BANK").owner == "bob"


def test_guessing_keys_is_slowed_without_harm_to_passwords_or_good_keys(node: Node) -> None:
    made = keys.create_personal(node, by="eva")
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            keys.identify(node, "pk_guess", address="10.0.0.1")
    with pytest.raises(TooManyAttempts):
        keys.identify(node, "pk_guess", address="10.0.0.1")
    assert keys.identify(node, made.secret, address="10.0.0.1").login == "eva"
