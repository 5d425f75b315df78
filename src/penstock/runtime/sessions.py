"""Sessions: log in and out, one-time links, and who a cookie belongs to."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from penstock.core.access import NOBODY, Identity
from penstock.core.errors import NotSignedIn, Refused, TooManyAttempts
from penstock.core.user import (
    REMEMBERED,
    Link,
    Purpose,
    Session,
    User,
    check_password,
    is_login,
    next_attempt,
)
from penstock.runtime import audit, users

if TYPE_CHECKING:
    from penstock.core.node import Node

IDLE = timedelta(hours=12)
"""A session nobody used for so long is over."""
LONGEST = timedelta(days=7)
"""A session is over after so long in any case."""
GOOD_FOR = {
    Purpose.FIRST: timedelta(days=1), Purpose.RESET: timedelta(hours=4), Purpose.INVITATION: timedelta(days=7)
}  # fmt: skip
"""So long a one-time link works."""
NOTED_EVERY = timedelta(minutes=1)
"""When somebody was seen is written no more often."""
WRONG = "The login or the password is wrong."


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A one-time link, shown once. `path` goes behind the address people reach the node under."""

    login: str
    secret: str
    purpose: Purpose
    expires_at: datetime
    base: str = ""
    """The address of the node, when its settings tell it (`base_url`)."""

    @property
    def address(self) -> str:
        """The whole link; only its path when the node does not know its own address."""
        return f"{self.base.rstrip('/')}{self.path}"

    @property
    def path(self) -> str:
        return f"/welcome/{self.secret}"


def sign_in(
    node: Node, login: str, password: str, *, address: str = "", agent: str = "", old: str = ""
) -> str:  # fmt: skip
    """The secret of a fresh session. The one the browser had before (`old`) ends: nobody can plant one.

    Raises TooManyAttempts while somebody guesses, NotSignedIn otherwise, alike for an unknown login, a wrong
    password and a disabled account.
    """
    check_pace(node, login.lower(), address)
    good = node.credentials.check_password(login, password)
    user = node.users.find(login)
    if not good or user is None or not user.enabled:
        audit.note(node, "login", by=login, object=f"user:{login}", result="not-signed-in")
        raise NotSignedIn(WRONG, hint="Try again, or ask an administrator for a link to set a new password.")
    node.credentials.succeeded(login.lower(), address)
    return open_session(node, login, address=address, agent=agent, old=old)


def check_pace(node: Node, account: str, address: str) -> None:
    """Count an attempt; raise TooManyAttempts when it comes too soon after failed ones."""
    now = node.clock.now()
    failures = node.credentials.failures(account, address, now - REMEMBERED)
    opens = next_attempt(failures)
    if opens is not None and opens > now:
        raise TooManyAttempts(max(1, round((opens - now).total_seconds())))
    node.credentials.failed(account, address, now)


def open_session(node: Node, login: str, *, address: str = "", agent: str = "", old: str = "") -> str:
    """The secret of a fresh session for somebody who was recognised already. Never taken from the browser."""
    now, secret = node.clock.now(), secrets.token_urlsafe(32)
    node.credentials.sweep(now, REMEMBERED)
    if old:
        node.credentials.end_session(hashed(old))
    node.credentials.add_session(Session(
        id=hashed(secret), login=login, created_at=now, seen_at=now, expires_at=now + LONGEST, address=address,
        agent=agent[:200],
    ))  # fmt: skip
    node.users.seen(login, now)
    audit.note(node, "login", by=login, object=f"user:{login}")
    return secret


def identify(node: Node, secret: str, *, address: str = "") -> Identity:
    """Whose session a cookie holds; nobody's when it ended, is unknown, or its user is disabled."""
    session = node.credentials.session(hashed(secret)) if secret else None
    now = node.clock.now()
    if session is None or now >= min(session.expires_at, session.seen_at + IDLE):
        return replace(NOBODY, address=address)
    user = node.users.find(session.login)
    if user is None or not user.enabled:
        return replace(NOBODY, address=address)
    if now - session.seen_at >= NOTED_EVERY:
        node.credentials.touch_session(session.id, now)
        node.users.seen(user.login, now)
    return users.of_user(node, user, address=address)


def sign_out(node: Node, secret: str) -> None:
    """End a session. One that is over already does no harm."""
    session = node.credentials.session(hashed(secret))
    if session is not None:
        audit.note(node, "logout", by=session.login, object=f"user:{session.login}")
    node.credentials.end_session(hashed(secret))


def mine(node: Node, login: str) -> list[Session]:
    """The open sessions of a user, newest first."""
    now = node.clock.now()
    return [s for s in node.credentials.sessions(login) if now < min(s.expires_at, s.seen_at + IDLE)]


def sign_out_elsewhere(node: Node, login: str, *, keep: str = "") -> int:
    """End all sessions of a user but the one of this secret; returns how many."""
    return node.credentials.end_sessions(login, keep=hashed(keep) if keep else "")


def change_password(
    node: Node, login: str, old: str, new: str, *, address: str = "", keep: str = ""
) -> None:  # fmt: skip
    """Change one's own password, showing the old one; every other session ends, the one of secret `keep` stays."""
    check_pace(node, login.lower(), address)
    if not node.credentials.check_password(login, old):
        raise NotSignedIn("The present password is wrong.", hint="Type the one you logged in with.")
    node.credentials.succeeded(login.lower(), address)
    users.set_password(node, login, new, keep=hashed(keep) if keep else "")


def first_link(node: Node) -> Issued | None:
    """A one-time link for the first administrator, who is made for it; None once one can log in.

    Each start before the first log-in gives a new link, and the one before is good no more.
    """
    able = users.administrators(node)
    if any(node.credentials.has_password(user.login) or user.origin != "local" for user in able):
        return None
    return _issue(node, (able[0] if able else _first_administrator(node)).login, Purpose.FIRST)


def _first_administrator(node: Node) -> User:
    """The home's owner as a user, or `admin` when that login is taken or cannot be one."""
    taken = {user.login.lower() for user in node.users.all()}
    names = (node.config.user, "admin", f"admin{len(taken)}")
    return users.add(node, next(n for n in names if n.lower() not in taken and is_login(n)), admin=True)


def invite(node: Node, login: str) -> Issued:
    """A link with which a user sets a password: the first one, or a new one when the old is forgotten."""
    user = node.users.get(login)
    is_new = not node.credentials.has_password(user.login)
    return _issue(node, user.login, Purpose.INVITATION if is_new else Purpose.RESET)


def look_at_link(node: Node, secret: str) -> Link:
    """Whose link it is and what for. Raises Refused for one that was used, is too old, or never was."""
    return _good(node, node.credentials.link(hashed(secret)))


def use_link(
    node: Node, secret: str, password: str, *, address: str = "", agent: str = "", old: str = ""
) -> str:  # fmt: skip
    """Set the password a link is for, and log in: the secret of a fresh session. The link is used up."""
    link = look_at_link(node, secret)
    check_password(password, login=link.login)
    taken = _good(node, node.credentials.take_link(hashed(secret)))
    users.set_password(node, taken.login, password)
    return open_session(node, taken.login, address=address, agent=agent, old=old)


def form_token(secret: str) -> str:
    """What every form of a session carries and no other site can know: a keyed hash of its secret."""
    return hmac.new(secret.encode(), b"penstock form", hashlib.sha256).hexdigest()


def is_form_token(secret: str, token: str) -> bool:
    """Whether a form was made for this session; takes equally long for every wrong one."""
    return bool(secret) and hmac.compare_digest(form_token(secret), token)


def hashed(secret: str) -> str:
    """How a secret of 256 random bits is kept: nobody can go back from it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _issue(node: Node, login: str, purpose: Purpose) -> Issued:
    now, secret = node.clock.now(), secrets.token_urlsafe(32)
    expires = now + GOOD_FOR[purpose]
    node.credentials.sweep(now, REMEMBERED)
    node.credentials.add_link(Link(
        id=hashed(secret), login=login, purpose=purpose, created_at=now, expires_at=expires
    ))  # fmt: skip
    audit.note(node, "login-link-create", object=f"user:{login}", purpose=str(purpose))
    return Issued(login=login, secret=secret, purpose=purpose, expires_at=expires, base=node.config.base_url)


def _good(node: Node, link: Link | None) -> Link:
    if link is None or link.expires_at <= node.clock.now() or users.is_disabled(node, link.login):
        raise Refused(
            "This link is good no more.",
            hint="It was used, or is too old: ask an administrator for a new one.",
        )
    return link
