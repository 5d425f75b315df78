"""Promotions: a version that is to become the active one, and what comparing it with the active one found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

ForecastScores = tuple[Mapping[str, float], Mapping[str, float]] | str
"""Score id → value of two versions, the new one first; or why there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Which version is to become the active one, if it is better in what, by how much, and where that is looked at."""

    project: str
    model: str
    version: str = ""
    """The newest one when empty."""
    metric: str = "ROC AUC"
    """A score, by its name or id; the main metric of the version when empty."""
    margin: float = 0.0
    store: str = ""
    """Evaluations of both in this store are compared; the test set when empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """What was compared, and what follows from it."""

    model: str
    candidate: str
    active: str
    metric: str
    on: str
    """On which rows, in words."""
    promoted: bool = False
    comparable: bool = True
    candidate_value: float | None = None
    active_value: float | None = None
    difference: float | None = None
    """Positive when the candidate is better, whichever direction the metric has."""
    why: str = ""

    def told(self) -> dict[str, Any]:
        return asdict(self)
