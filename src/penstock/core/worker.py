"""Workers: the processes that take runs off the queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """One `penstock work`, as it last said of itself."""

    id: str
    """host:pid:start of its process."""
    started_at: datetime
    seen_at: datetime
    lanes: int
    """How many runs it does at once."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A run that a worker has, or had when it died."""

    run: str
    owner: str
    beats: int
