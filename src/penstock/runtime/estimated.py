"""Performance that was expected without labels, as the screens of an evaluation show it: beside the measured one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.core import metric
from penstock.core.counting import counted
from penstock.runtime import store_reports

if TYPE_CHECKING:
    from penstock.runtime.evaluations import Shown

LEARNED = {
    "none": "The probabilities were right on {rows} of the reference, and are taken as they are.",
    "sigmoid": "The probabilities were bent towards what came true (sigmoid) on {rows} of the reference.",
    "isotonic": "The probabilities were bent towards what came true (isotonic) on {rows} of the reference.",
    "": "A second model learned from {rows} of the reference how far the first one is off.",
}
LIMITS = "It sees that the data moved. That the same data means something else now, only ground truth tells."


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One score: expected, and measured where there was ground truth."""

    id: str
    label: str
    about: str
    value: float
    lower: float
    upper: float
    measured: float | None
    main: bool

    @property
    def held(self) -> bool | None:
        """Whether the measured value lies within the band; None while there is none."""
        return None if self.measured is None else self.lower <= self.measured <= self.upper


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """What an evaluation expected of its model."""

    lines: tuple[Line, ...]
    """The main score first."""
    method: str
    learned: str
    rows: int
    confidence: float
    outside: float | None
    reason: str
    """Why nothing was estimated; empty when something was, and for evaluations made before there were estimates."""


def of_evaluation(shown: Shown) -> Estimated:
    """The estimates kept with an evaluation."""
    found: dict[str, Any] = shown.detail.get("estimated") or {}
    e = shown.evaluation
    lines = [_line(code, one, e.metrics, e.main_metric) for code, one in (found.get("scores") or {}).items()]
    rows = counted(int(found.get("reference_rows") or 0), "row")
    return Estimated(
        lines=tuple(sorted(lines, key=lambda line: not line.main)), method=found.get("method") or "",
        learned=LEARNED[found.get("calibration") or ""].format(rows=rows), rows=int(found.get("rows") or 0),
        confidence=float(found.get("confidence") or 0.95), outside=found.get("outside"),
        reason=found.get("reason") or "",
    )  # fmt: skip


def _line(code: str, one: dict[str, float], metrics: Any, main: str) -> Line:
    measured = metric.performance_id(code)
    return Line(
        id=metric.estimated_id(code), label=metric.label(measured), about=store_reports.about(measured),
        value=one["value"], lower=one["lower"], upper=one["upper"], measured=metrics.get(measured),
        main=measured == main,
    )  # fmt: skip
