"""Events: "something happened": what a running job tells whoever watches it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened in a job."""

    what: Literal["job", "activity", "progress", "log"]
    job: str
    recipe: str = ""
    """Empty when it is about the job as a whole."""
    state: str = ""
    """The new state, of `job` and `activity` events."""
    message: str = ""
    fraction: float | None = None
    """How far a `progress` event says the work is, 0 to 1."""


Watch = Callable[[Event], None]
"""Called from the threads of the job, one call at a time for each activity; it should return at once."""


def unwatched(event: Event) -> None:
    """For those who only want the result."""
