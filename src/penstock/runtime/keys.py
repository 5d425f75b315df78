"""API keys: make, list, revoke; who a key belongs to."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from penstock.core.access import (
    EVERY_PROJECT,
    GLOBAL,
    GRANTABLE,
    Identity,
    Permission,
    Source,
    check_grant,
    require,
)
from penstock.core.errors import Invalid, NotFound, NotSignedIn, Refused
from penstock.core.user import ApiKey, KeySort
from penstock.runtime import audit, users
from penstock.runtime.sessions import NOTED_EVERY, check_pace

if TYPE_CHECKING:
    from penstock.core.node import Node

BEGINNING = "pk_"
LONGEST_DAYS = 36_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A new key with its secret, which is shown this once and kept nowhere."""

    key: ApiKey
    secret: str


def create_personal(node: Node, *, by: str, label: str = "", days: int = 0) -> Made:
    """A key that acts exactly as whoever makes it; `days` until it expires, 0 = never. Refused to keys of their own."""
    if by.startswith(users.OF_KEYS):
        raise Refused("A key has no personal keys.", hint="Log in, or show a personal key, to make one.")
    if node.users.find(by) is None:
        hint = f"A personal key needs an account: `penstock user add {by}`, with --admin if it is the node's owner."
        raise NotFound("user", by, hint=hint)
    return _made(node, KeySort.PERSONAL, login=by, label=label, days=days, by=by)


def create_for_project(
    node: Node, project: str, permissions: Sequence[str], *, by: str, label: str = "", days: int = 0
) -> Made:  # fmt: skip
    """A key with rights of its own in one project. Raises NotAllowed for rights its maker lacks."""
    node.projects.load(project)
    rights = _rights(permissions)
    check_grant(users.identity(node, by), rights, node.users.people(project))
    return _made(
        node, KeySort.PROJECT, project=project, projects={project: rights}, label=label, days=days, by=by
    )


def create_global(
    node: Node, *, by: str, permissions: Sequence[str] = (), projects: Mapping[str, Sequence[str]] | None = None,
    label: str = "", days: int = 0,
) -> Made:  # fmt: skip
    """A key with rights on the node or in several projects (`*` = every one). Only administrators make one."""
    require(users.identity(node, by), Permission.ADMINISTRATOR)
    found = {project: _rights(rights) for project, rights in (projects or {}).items()}
    for project in found.keys() - {EVERY_PROJECT}:
        node.projects.load(project)
    chosen = tuple(users.parsed(permissions, GLOBAL))
    if not found and not chosen:
        raise Invalid("This key could do nothing.", hint="Give it a permission, or rights in a project.")
    return _made(node, KeySort.GLOBAL, permissions=chosen, projects=found, label=label, days=days, by=by)


def create_for_journal(node: Node, label: str) -> Made:
    """A key that an API node which this home starts sends its journal back with: the node's own doing."""
    rights = (Permission.MANAGE_DEPLOYMENTS,)
    return _made(node, KeySort.GLOBAL, permissions=rights, label=label, days=0, by=node.config.user)


@contextmanager
def for_a_while(node: Node, label: str) -> Iterator[str]:
    """The secret of a key that may manage deployments, for code of an administrator that this home runs; it is good no
    more when the code has ended."""
    rights = (Permission.MANAGE_DEPLOYMENTS,)
    made = _made(node, KeySort.GLOBAL, permissions=rights, label=label, days=1, by=node.config.user)
    try:
        yield made.secret
    finally:
        node.credentials.delete_key(made.key.id)
        audit.note(
            node, "api-key-revoke", by=node.config.user, object=f"key:{made.key.id}", sort=str(made.key.sort)
        )


def listing(node: Node, *, login: str = "", project: str = "") -> list[ApiKey]:
    """Keys, newest first: all, the personal ones of a user, or those of a project. Never a secret."""
    return node.credentials.keys(login=login, project=project)


def mine(node: Node, *, by: str) -> list[ApiKey]:
    """The personal keys of whoever asks, newest first."""
    return node.credentials.keys(login=by)


def of_project(node: Node, project: str) -> list[ApiKey]:
    """The keys of a project, newest first."""
    return node.credentials.keys(project=project)


def revoke(node: Node, id: str, *, by: str) -> ApiKey:
    """A key is refused from now on. One's own, those of a project whose permissions one edits, or as administrator."""
    key, who = node.credentials.key(id.removeprefix(BEGINNING)), users.identity(node, by)
    if key.sort is KeySort.PROJECT:
        require(who, Permission.EDIT_PERMISSIONS, node.users.people(key.project))
    elif key.login != who.login or not who.is_known:
        require(who, Permission.ADMINISTRATOR)
    node.credentials.delete_key(key.id)
    audit.note(node, "api-key-revoke", by=by, project=key.project, object=f"key:{key.id}", sort=str(key.sort))
    return key


def identify(node: Node, secret: str, *, address: str = "") -> Identity:
    """Whose key it is. Raises NotSignedIn for one that is unknown, revoked, expired, or whose user is disabled."""
    key = node.credentials.key_by_hash(hashed(secret)) if secret.startswith(BEGINNING) else None
    now = node.clock.now()
    if key is None:
        check_pace(node, f"key:{address}", f"key:{address}")
    if key is None or (key.expires_at is not None and now >= key.expires_at):
        raise NotSignedIn(
            "This API key is good no more, or never was.", hint="Make a new one under My account > API keys."
        )
    found = _identity(node, key, address)
    if key.used_at is None or now - key.used_at >= NOTED_EVERY:
        node.credentials.use_key(key.id, now)
    return found


def hashed(secret: str) -> str:
    """How a key is kept: it holds 256 random bits, so nobody can go back from its hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _identity(node: Node, key: ApiKey, address: str) -> Identity:
    if key.sort is not KeySort.PERSONAL:
        return users.of_key(key, address=address)
    user = node.users.find(key.login)
    if user is None or not user.enabled:
        raise NotSignedIn(
            "The user of this API key is disabled.", hint="An administrator can enable them again."
        )
    found = users.of_user(node, user, source=Source.PERSONAL_KEY, address=address)
    return Identity(
        login=found.login, name=found.name, groups=found.groups, permissions=found.permissions, key=key.id,
        source=found.source, address=address,
    )  # fmt: skip


def _rights(words: Sequence[str]) -> tuple[Permission, ...]:
    rights = tuple(users.parsed(words, GRANTABLE))
    if not rights:
        raise Invalid("This key could do nothing.", hint=f"Rights are {', '.join(GRANTABLE)}.")
    return rights


def _made(
    node: Node, sort: KeySort, *, by: str, label: str, days: int, login: str = "", project: str = "",
    permissions: tuple[Permission, ...] = (), projects: Mapping[str, tuple[Permission, ...]] | None = None,
) -> Made:  # fmt: skip
    if days < 0:
        raise Invalid("A key cannot expire before it is made.", hint="Give days from now on, or 0 for never.")
    now, id = node.clock.now(), secrets.token_hex(4)
    secret = f"{BEGINNING}{id}_{secrets.token_urlsafe(32)}"
    key = ApiKey(
        id=id, sort=sort, label=label.strip()[:100], login=login, project=project, permissions=permissions,
        projects=dict(projects or {}), created_by=by, created_at=now, expires_at=_expiry(now, days),
    )  # fmt: skip
    node.credentials.add_key(key, hashed(secret))
    audit.note(
        node, "api-key-create", by=by, project=project, object=f"key:{id}", sort=str(sort), label=key.label,
        permissions=[*permissions, *(f"{p}: {', '.join(rights)}" for p, rights in key.projects.items())],
    )  # fmt: skip
    return Made(key=key, secret=secret)


def _expiry(now: datetime, days: int) -> datetime | None:
    if not 0 <= days <= LONGEST_DAYS:
        raise Invalid(f"A key is good for {LONGEST_DAYS} days at most, or for ever with 0.")
    return now + timedelta(days=days) if days else None
