"""Holders: everybody with rights in a project, and who could have some, as people look at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from penstock.core.access import GRANTABLE, Permission, Visibility, implied
from penstock.core.project import FOLDERS

if TYPE_CHECKING:
    from penstock.core.node import Node

UNSEEN = frozenset({"recipe", "dashboard"})
"""Sorts of objects that are on no tile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A user or a group with rights in a project."""

    sort: str
    """user or group."""
    name: str
    title: str
    given: Sequence[Permission]
    included: Sequence[Permission]
    """What comes with them."""
    gone: bool = False
    """A user who is disabled, or who is no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Who has which rights in a project."""

    owner: str
    visibility: Visibility
    holders: Sequence[Holder]
    """Groups before users, by name."""
    users: Sequence[tuple[str, str]]
    """Login and name of everybody who could be given a right, who is enabled."""
    groups: Sequence[str]


def table(node: Node, project: str) -> Table:
    """Everybody with rights in a project, and everybody who could have some."""
    people = node.users.people(project)
    everybody = {user.login: user for user in node.users.all()}
    enabled = [user for user in everybody.values() if user.enabled]
    active = {user.login for user in enabled}
    names = {login: user.shown for login, user in everybody.items()}
    groups = [_holder("group", name, name, held) for name, held in sorted(people.groups.items())]
    users = [
        _holder("user", login, names.get(login, login), held, gone=login not in active)
        for login, held in sorted(people.users.items())
    ]
    return Table(
        owner=people.owner, visibility=people.visibility, holders=[*groups, *users],
        users=[(user.login, user.shown) for user in enabled], groups=[g.name for g in node.users.groups()],
    )  # fmt: skip


def authorisable(node: Node, project: str) -> list[tuple[str, str]]:
    """Sort and name of every object that can be authorised and is not yet."""
    loaded = node.projects.load(project)
    listed = {(a.sort, a.name) for a in loaded.settings.authorised}
    found = [
        (sort, name) for sort in FOLDERS if sort not in UNSEEN for name in sorted(getattr(loaded, f"{sort}s"))
    ]
    return [one for one in found if one not in listed]


def _holder(sort: str, name: str, title: str, held: frozenset[Permission], *, gone: bool = False) -> Holder:
    more = implied(held) - held
    return Holder(
        sort=sort, name=name, title=title, given=[p for p in GRANTABLE if p in held],
        included=[p for p in GRANTABLE if p in more], gone=gone,
    )  # fmt: skip
