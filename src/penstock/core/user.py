"""Accounts: users, groups, what they show to be known, and how guessing is slowed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from penstock.core.access import Permission
from penstock.core.errors import Invalid, InvalidName

SHORTEST_PASSWORD = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody with an account."""

    login: str
    name: str = ""
    email: str = ""
    groups: tuple[str, ...] = ()
    admin: bool = False
    enabled: bool = True
    origin: str = "local"
    """Who vouches for them: `local` = a password kept here, `oidc` = the identity provider."""
    created_at: datetime
    seen_at: datetime | None = None

    @property
    def shown(self) -> str:
        """The name people see."""
        return self.name or self.login


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """People who share rights; `permissions` hold for the whole node."""

    name: str
    description: str = ""
    permissions: tuple[Permission, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One signed-in browser. `id` is a hash of what its cookie holds."""

    id: str
    login: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str = ""
    agent: str = ""


class Purpose(StrEnum):
    """What a one-time link is for."""

    FIRST = "first administrator"
    INVITATION = "invitation"
    RESET = "password reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A one-time link that lets its holder choose a password. `id` is a hash of the secret in it."""

    id: str
    login: str
    purpose: Purpose
    created_at: datetime
    expires_at: datetime


class KeySort(StrEnum):
    """Whose an API key is."""

    PERSONAL = "personal"
    """Acts exactly as its user."""
    PROJECT = "project"
    """Has rights of its own, in one project only."""
    GLOBAL = "global"
    """Has rights of its own, in some projects or on the node; made by administrators."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """An API key without its secret, which is shown once, when it is made."""

    id: str
    """Also the visible beginning of the key: `pk_<id>_…`."""
    sort: KeySort
    label: str = ""
    login: str = ""
    """The user of a personal key."""
    project: str = ""
    """The project of a project key."""
    permissions: tuple[Permission, ...] = ()
    """Of a global key, on the node."""
    projects: dict[str, tuple[Permission, ...]]
    """Of a project or global key: project, or `*` → rights."""
    created_by: str
    created_at: datetime
    expires_at: datetime | None = None
    used_at: datetime | None = None

    @property
    def prefix(self) -> str:
        return f"pk_{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """Failed attempts of late: at one account from one address, at the account from anywhere, from the address."""

    here: int = 0
    account: int = 0
    address: int = 0
    last_at: datetime | None = None


REMEMBERED = timedelta(hours=1)
"""So long a failed attempt counts."""
FREE = {"here": 5, "account": 25, "address": 30}
"""So many failures cost nothing; each further one doubles the wait, from one second on."""
LONGEST_WAIT = {
    "here": timedelta(minutes=15), "account": timedelta(minutes=1), "address": timedelta(minutes=15)
}  # fmt: skip
"""A stranger's guesses slow an account down everywhere, but never lock its owner out for long."""


def next_attempt(failures: Failures) -> datetime | None:
    """From when on the next attempt is looked at; None = at once."""
    waits = [_wait(getattr(failures, sort) - free, LONGEST_WAIT[sort]) for sort, free in FREE.items()]
    longest = max(waits)
    return failures.last_at + longest if failures.last_at and longest else None


def _wait(over: int, longest: timedelta) -> timedelta:
    return min(timedelta(seconds=2 ** min(over, 20)), longest) if over >= 0 else timedelta(0)


def is_login(text: str) -> bool:
    """Whether a text can be a login."""
    return bool(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}", text))


def check_login(login: str) -> str:
    """The login itself. Raises InvalidName for one with characters that could be taken for something else."""
    if not is_login(login):
        raise InvalidName(f"'{login}' is no login: use letters, digits and . _ @ + -, 100 at most.")
    return login


def check_group(name: str) -> str:
    """The name itself, or InvalidName."""
    if not re.fullmatch(r"\w[\w .-]{0,99}", name):
        raise InvalidName(
            f"'{name}' is no name for a group: use letters, digits, spaces and _ . -, 100 at most."
        )
    return name


def check_password(password: str, *, login: str = "") -> str:
    """The password itself. Raises Invalid for one that is short, endless, or the login."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(
            f"The password has {len(password)} characters; it needs {SHORTEST_PASSWORD} at least.",
            hint="A few words in a row are easy to remember.",
        )
    if len(password) > 1000:
        raise Invalid("The password has more than 1000 characters.")
    if login and password.lower() == login.lower():
        raise Invalid("The password is the login.", hint="Choose another one.")
    return password
