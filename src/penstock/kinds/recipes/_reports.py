"""Performance of one evaluation: scores, pictures, and what could not be computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from penstock.core import metric

if TYPE_CHECKING:
    from penstock.ml.task import Judged, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """What an evaluation says of performance; without values, `reason` says why."""

    scores: Mapping[str, float | None] = field(default_factory=dict)
    """Score code → value, None where not computed."""
    unavailable: Mapping[str, str] = field(default_factory=dict)
    curves: Mapping[str, Any] = field(default_factory=dict)
    rows: int = 0
    reason: str = ""

    @property
    def metrics(self) -> dict[str, float]:
        """Metric id → value of the computed ones."""
        return {metric.performance_id(c): v for c, v in self.scores.items() if v is not None}

    def detail(self) -> dict[str, Any]:
        return {
            "metrics": dict(self.scores), "unavailable": dict(self.unavailable),
            "curves": dict(self.curves), "rows": self.rows, "reason": self.reason,
        }  # fmt: skip


def performance(judged: Judged, task: Task) -> Performance:
    """All scores of the prediction type, and the pictures for screens."""
    from penstock.ml import curves
    from penstock.ml import performance as scoring

    scores = scoring.performance(judged.truth, judged.guess, task.prediction_type)
    return Performance(
        scores=scores,
        unavailable=scoring.unavailable(scores, judged.guess),
        curves=curves.curves(judged.truth, judged.guess, task.prediction_type),
        rows=len(judged.truth),
    )
