"""Discussions: what people say to each other about an object, and who is told that they were meant. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from penstock.core.errors import Invalid

MOST = 20_000
"""Characters of one reply."""
MENTION = re.compile(r"(?<![\w/@.])@([A-Za-z0-9][\w.-]*)")
SORTS = (
    "project", "dataset", "folder", "recipe", "model", "evaluation_store", "scenario", "dashboard", "article",
    "comparison", "service",
)  # fmt: skip
"""What can be talked about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What a reply said before it was changed."""

    text: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One thing that one person said."""

    id: int
    author: str
    text: str
    """Markdown."""
    at: datetime
    earlier: Sequence[Earlier] = ()
    """Oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discussion:
    """A topic about an object, with what was said."""

    id: int
    project: str
    object: str
    """`dataset:flights`; `project:` is the project itself."""
    topic: str
    by: str
    at: datetime
    closed: bool = False
    replies: Sequence[Reply] = ()
    """Oldest first; the first one began it."""

    @property
    def last(self) -> datetime:
        """When somebody last said something."""
        return max((reply.at for reply in self.replies), default=self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Somebody was meant by something that another one said."""

    id: int
    login: str
    project: str
    object: str
    discussion: int
    by: str
    text: str
    at: datetime
    seen: bool = False


def mentioned(text: str, known: Collection[str]) -> list[str]:
    """The logins that a text means by `@login`, each once, of those that are known."""
    by_word = {login.casefold(): login for login in known}
    return list(dict.fromkeys(by_word[word] for word in named(text) if word in by_word))


def named(text: str) -> list[str]:
    """Every word behind an @, in small letters, each once: logins, and what only looks like one."""
    return list(dict.fromkeys(match[1].rstrip(".-").casefold() for match in MENTION.finditer(text)))


def check_text(text: str, what: str = "A reply") -> str:
    """The text without blanks around it. Raises Invalid when nothing is left, or too much."""
    stripped = text.strip()
    if not stripped:
        raise Invalid(f"{what} needs words.")
    if len(stripped) > MOST:
        raise Invalid(f"{what} has {len(stripped):,} characters; {MOST:,} are the most.")
    return stripped


def excerpt(text: str, most: int = 140) -> str:
    """The beginning of a text as one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
