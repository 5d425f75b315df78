"""Sign-on: somebody the identity provider vouches for becomes a user here, with the groups it names."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from penstock.core.errors import NotReady, NotSignedIn
from penstock.core.user import User, is_login
from penstock.runtime import audit, users

if TYPE_CHECKING:
    from penstock.core.config import SignOn
    from penstock.core.node import Node


def recognised(node: Node, claims: Mapping[str, Any]) -> User:
    """The user behind what the provider says, made or brought up to date. Raises NotSignedIn when they may not in.

    An account made here is never taken over because the provider uses the same login, unless the settings say that
    logins mean the same people on both sides (`link_existing`).
    """
    settings = node.config.sign_on
    if settings is None:
        raise NotReady("No identity provider is set up.", hint="Write `sign_on` into config.yaml.")
    login, origin = _login(settings, claims), _origin(claims)
    user = node.users.find(login)
    if user is None:
        user = _made(node, settings, login, origin, claims)
    elif user.origin != origin:
        user = _linked(node, settings, user, origin)
    if not user.enabled:
        raise NotSignedIn(f"The account {login} is disabled.", hint="An administrator can enable it again.")
    return _updated(node, settings, user, claims)


def _login(settings: SignOn, claims: Mapping[str, Any]) -> str:
    login = str(claims.get(settings.login_claim, ""))
    if not is_login(login):
        raise NotSignedIn(
            f"The identity provider gives no login: its claim {settings.login_claim} is '{login}'.",
            hint="An administrator chooses another claim: `sign_on.login_claim` in config.yaml.",
        )
    return login


def _origin(claims: Mapping[str, Any]) -> str:
    """Who vouches, and for which of its people: a login can be given to somebody else there, a subject never."""
    return "oidc:" + hashlib.sha256(f"{claims['iss']} {claims['sub']}".encode()).hexdigest()[:32]


def _made(node: Node, settings: SignOn, login: str, origin: str, claims: Mapping[str, Any]) -> User:
    if not settings.create_users:
        raise NotSignedIn(f"There is no account {login} here.", hint="An administrator can make one.")
    user = replace(users.add(node, login, name=str(claims.get("name", ""))), origin=origin)
    node.users.save(user)
    return user


def _linked(node: Node, settings: SignOn, user: User, origin: str) -> User:
    if user.origin != "local" or not settings.link_existing:
        raise NotSignedIn(
            f"There is an account {user.login} that belongs to somebody else.",
            hint="An administrator sees to it: another login, or `sign_on.link_existing`.",
        )
    linked = replace(user, origin=origin)
    node.users.save(linked)
    audit.note(node, "user-change", by=user.login, object=f"user:{user.login}", origin="oidc")
    return linked


def _updated(node: Node, settings: SignOn, user: User, claims: Mapping[str, Any]) -> User:
    """The user with the name, the address and the groups the provider tells now; groups given here stay."""
    after = replace(
        user, name=str(claims.get("name") or user.name), email=_email(claims) or user.email,
        groups=_groups(node, settings, user, claims),
    )  # fmt: skip
    if after != user:
        node.users.save(after)
        audit.note(node, "user-change", by=user.login, object=f"user:{user.login}", groups=after.groups)
    return after


def _email(claims: Mapping[str, Any]) -> str:
    address = str(claims.get("email", ""))
    return address if "@" in address and not any(c.isspace() for c in address) else ""


def _groups(node: Node, settings: SignOn, user: User, claims: Mapping[str, Any]) -> tuple[str, ...]:
    told = claims.get(settings.groups_claim, ())
    named: Sequence[str] = (
        [told] if isinstance(told, str) else [str(t) for t in told] if isinstance(told, list) else []
    )
    there = {group.name for group in node.users.groups()}
    theirs = {settings.groups[name] for name in named if name in settings.groups} & there
    return tuple(sorted(theirs | (set(user.groups) - set(settings.groups.values()))))
