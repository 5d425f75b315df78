"""Version control of a project: its branches, the repositories elsewhere, how far it is from them. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from penstock.core.counting import counted
from penstock.core.errors import Invalid, InvalidName

ORIGIN = "origin"
"""What a repository elsewhere is called when nobody says otherwise."""
Allowing = Callable[[Mapping[str, bytes | None]], None]
"""Raises when somebody may not change these files so; None: it goes."""
_ADDRESS = re.compile(
    r"(https?|ssh|git)://\w[\w.@:/~%+?=&-]*|file:///[\w.@:/~%+?=&-]+|\w[\w.-]*@\w[\w.-]*:[\w./~-]+"
)
_PASSWORD = re.compile(r"(?<=:)[^/@:]*(?=@)")
_USER = re.compile(r"\w[\w.@+-]{0,98}", re.ASCII)
_WITH_PASSWORD = re.compile(r"\w+://[^/@]*:[^/@]*@")
_NAME = re.compile(r"\w(?:[\w./-]{0,98}\w)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteAddress:
    """A repository elsewhere, and how this node shows who it is there."""

    name: str
    address: str
    user: str = ""
    """The login there; empty where an address or a key says it."""
    secret: str = ""
    """The name of a sealed value: a password or token of https, a private key of ssh."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteStanding:
    """A repository elsewhere, as it was when it was last asked."""

    remote: RemoteAddress
    commit: str
    """The last commit of the current branch there; empty when there is none that we know."""
    ahead: int
    """Commits that are here and not there."""
    behind: int
    """Commits that are there and not here."""
    branches: tuple[str, ...]

    def told(self, branch: str) -> str:
        """Where a branch stands beside it, in a sentence."""
        ways = ((self.ahead, "ahead"), (self.behind, "behind"))
        far = " and ".join(f"{counted(n, 'commit')} {where}" for n, where in ways if n)
        return f"Branch {branch} is {f'{far} of' if far else 'the same here and in'} {self.remote.name}."


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchStanding:
    """A branch of the project's repository."""

    name: str
    commit: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionStanding:
    """Where a project stands: what is checked out, saved, elsewhere."""

    branch: str
    commit: str
    pending: tuple[str, ...]
    """Files that were edited by hand and are in no commit."""
    branches: tuple[BranchStanding, ...]
    tags: dict[str, str]
    """Tag → its commit."""
    remotes: tuple[RemoteStanding, ...]


def check_address(address: str) -> str:
    """The address itself. Raises Invalid for what is none of a git repository."""
    if not _ADDRESS.fullmatch(address) and not is_folder(address):
        raise Invalid(
            f"'{address[:100]}' is no address of a git repository.",
            hint="Write https://HOST/PATH, ssh://USER@HOST/PATH or USER@HOST:PATH, or a folder of this machine.",
        )
    return address


def check_no_password(address: str) -> None:
    """Raise Invalid for an address with a password in it."""
    if _WITH_PASSWORD.match(address):
        raise Invalid(
            "An address holds no password: everybody who reads the project would see it.",
            hint="Seal the password (`penstock channel secret put NAME`) and name the secret beside the address.",
        )


def is_open_to_all(address: str) -> bool:
    """Whether others on the way read what is sent: plain http to another machine."""
    return bool(re.match(r"http://(?!(localhost|127\.0\.0\.1)(:\d+)?/)", address))


def is_local(address: str) -> bool:
    """Whether an address leads to a folder of this machine."""
    return address.startswith("file:") or Path(address).is_absolute()


def is_folder(address: str) -> bool:
    """Whether it is a folder that is there."""
    return Path(address).is_absolute() and Path(address).is_dir()


def check_branch(name: str) -> str:
    """The name itself, or InvalidName: letters, digits, `_ . - /`, as git takes them."""
    bad = ".." in name or "//" in name or "/." in name or name.endswith((".lock", ".")) or name == "HEAD"
    if bad or ".lock/" in name or name.startswith("refs/") or not _NAME.fullmatch(name):
        raise InvalidName(
            f"'{name[:100]}' cannot be the name of a branch or a repository.",
            hint="Use letters, digits, _, - and single dots and slashes.",
        )
    return name


def check_remote(name: str, user: str) -> None:
    """Raise InvalidName for a name no repository can have here, Invalid for a login that could be taken for a word of
    a command."""
    check_branch(name)
    if "/" in name:
        raise InvalidName(f"'{name[:100]}' cannot be the name of a repository.", hint="Leave out the slash.")
    if user and not _USER.fullmatch(user):
        raise Invalid(f"'{user[:100]}' is no login.", hint="Letters, digits, _ . @ + and -, not first.")


def without_password(address: str) -> str:
    """The address as people may see it: somebody's own git may have put a password into it."""
    return _PASSWORD.sub("***", address, count=1) if _WITH_PASSWORD.match(address) else address
