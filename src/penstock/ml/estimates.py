"""What performance would be without labels: one estimate per score, its band, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from penstock.ml import intervals

Method = Literal["CBPE", "DLE"]
METHODS: Mapping[str, str] = {
    "CBPE": "confidence-based performance estimation",
    "DLE": "direct loss estimation",
}
MOST_ROWS = 200_000
"""An estimate of more rows is made on a draw of so many: its own error is then far below its band."""
SEED = 1337


@dataclass(frozen=True, slots=True)
class Estimate:
    """One score as it is expected, and where the measured one should lie with the asked confidence."""

    value: float
    lower: float
    upper: float

    def holds(self, measured: float) -> bool:
        return self.lower <= measured <= self.upper


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """All scores of one evaluation that can be estimated; without any, `reason` says why."""

    method: Method | None = None
    scores: Mapping[str, Estimate] = field(default_factory=dict)
    """Score code → estimate."""
    unavailable: Mapping[str, str] = field(default_factory=dict)
    """Score code → why it cannot be estimated."""
    rows: int = 0
    reference_rows: int = 0
    """Rows with a truth that the estimator learned from."""
    calibration: str = ""
    """How probabilities were bent towards what came true, in a word; empty for DLE."""
    outside: float | None = None
    """Share of rows whose prediction lies where the reference has none; None when there is no row."""
    confidence: float = 0.95
    reason: str = ""

    def detail(self) -> dict[str, Any]:
        """As it is kept with an evaluation."""
        return {
            "method": self.method, "rows": self.rows, "reference_rows": self.reference_rows,
            "calibration": self.calibration, "outside": self.outside, "confidence": self.confidence,
            "reason": self.reason, "unavailable": dict(self.unavailable),
            "scores": {c: {"value": e.value, "lower": e.lower, "upper": e.upper} for c, e in self.scores.items()},
        }  # fmt: skip


def band(
    value: float, *, spread: float, rows: int, reference_rows: int, confidence: float,
    within: tuple[float, float] = (-np.inf, np.inf),
) -> Estimate:  # fmt: skip
    """value ± z·s·√(1/n + 1/m): sampling error of the batch (n rows) and of what the estimator learned from (m rows).

    `spread` is s, the standard deviation that one row brings: s/√n is that of the score measured on n rows.
    """
    half = intervals.normal_quantile(confidence) * spread * float(np.sqrt(1 / rows + 1 / reference_rows))
    return Estimate(value, max(within[0], value - half), min(within[1], value + half))


def drawn(count: int, most: int) -> np.ndarray | None:
    """Places of a draw of `most` rows in order; None when all rows are taken."""
    if count <= most:
        return None
    return np.sort(np.random.default_rng(SEED).choice(count, most, replace=False))


def outside(values: np.ndarray, low: float, high: float) -> float | None:
    """Share of values below or above a range."""
    return float(np.mean((values < low) | (values > high))) if len(values) else None
