"""Revision: one save of a project, as its history tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One save of a project."""

    id: str
    author: str
    time: datetime
    message: str
    files: tuple[str, ...]
