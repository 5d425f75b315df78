"""Accounts: everything a page shows of one user, gathered once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from penstock.core.access import GLOBAL, GRANTABLE, Permission, given, implied
from penstock.core.user import ApiKey, Session, User
from penstock.runtime import keys, sessions, users

if TYPE_CHECKING:
    from penstock.core.node import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One user with what they have."""

    user: User
    permissions: Sequence[Permission]
    """For the whole node, in the order people see."""
    projects: Mapping[str, Sequence[Permission]]
    """Project → rights they have there by themselves, by their groups or as owner, without what these include."""
    sessions: Sequence[Session]
    keys: Sequence[ApiKey]
    has_password: bool


def show(node: Node, login: str) -> Account:
    """One user with permissions, projects, sessions and keys. Raises NotFound with the nearest login."""
    user = node.users.get(login)
    who = users.of_user(node, user)
    told = {} if who.is_administrator else node.users.all_people()
    held = {key: given(who, people) - given(who) for key, people in sorted(told.items())}
    mine = given(who)
    return Account(
        user=user, permissions=[p for p in GLOBAL if p in mine], sessions=sessions.mine(node, login),
        projects={key: _telling(rights) for key, rights in held.items() if rights},
        keys=keys.listing(node, login=login), has_password=node.credentials.has_password(login),
    )  # fmt: skip


def _telling(rights: frozenset[Permission]) -> list[Permission]:
    """Those that no other one among them includes."""
    return [p for p in GRANTABLE if p in rights and not any(p in implied({q}) for q in rights - {p})]
