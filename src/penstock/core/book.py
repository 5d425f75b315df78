"""Books: articles of a wiki ready to be put on paper or into one HTML file, everything they show already known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One article where it stands in the tree."""

    name: str
    title: str
    level: int
    """0 at the top."""
    address: str
    """Where the studio shows it: links to it become links inside of the book."""
    text: str
    """Markdown whose links are addresses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Articles in the order of their tree."""

    title: str
    project: str
    made_at: datetime
    base_url: str = ""
    """Of the studio: what links that begin with `/` stand on."""
    chapters: tuple[Chapter, ...] = ()
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    """Address of an attached picture → its bytes."""
