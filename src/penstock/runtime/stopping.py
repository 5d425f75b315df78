"""Stopping: why a step ends before it is done, and how often somebody looks whether it should."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from penstock.core.outcome import Outcome

LOOK = 0.1
"""Seconds between two looks at whether a step should end early."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a step, and perhaps the whole run, ends early."""

    outcome: Outcome
    why: str


Stopping = Callable[[], Stop | None]
