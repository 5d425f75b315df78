"""Events: "something happened": what a running job or scenario tells whoever watches it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened in a job, or in a run of a scenario."""

    what: Literal["job", "activity", "progress", "log", "run", "step"]
    job: str = ""
    recipe: str = ""
    """Empty when it is about the job as a whole."""
    run: str = ""
    """The run of a scenario it is about."""
    step: str = ""
    """The step of that run, by its name."""
    state: str = ""
    """The new state, of `job`, `activity`, `run` and `step` events; the level of `log` events."""
    message: str = ""
    fraction: float | None = None
    """How far a `progress` event says the work is, 0 to 1."""

    def __str__(self) -> str:
        """One line for a person: `score: 120,000 rows scored (40 %)`."""
        part = f" ({self.fraction:.0%})" if self.fraction is not None else ""
        said = (self.state if self.what in ("job", "activity", "run", "step") else "", self.message)
        return f"{self.recipe or self.job or self.step or self.run}: {' – '.join(s for s in said if s)}{part}"


Watch = Callable[[Event], None]
"""Called from the threads of the job, one call at a time for each activity; it should return at once."""


def unwatched(event: Event) -> None:
    """For those who only want the result."""
