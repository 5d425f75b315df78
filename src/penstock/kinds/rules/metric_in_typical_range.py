"""MetricInTypicalRange: a metric stays near what it used to be."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from penstock.core.bounds import Bound, Range, nothing, shown
from penstock.core.check import Judgement
from penstock.core.metric import MetricValue, label
from penstock.core.outcome import Verdict
from penstock.core.rule import Rule

if TYPE_CHECKING:
    from penstock.core.contexts import MeasureContext

FEWEST = 3
"""Past values that quartiles need."""

STABLE_IDS = {
    "records:COUNT_RECORDS": "DriftRecordCountRule",
    "basic:COUNT_COLUMNS": "DriftColumnCountRule",
    "col_stats:MIN": "DriftColumnMinRule",
    "col_stats:MAX": "DriftColumnMaxRule",
    "col_stats:MEAN": "DriftColumnAvgRule",
    "col_stats:SUM": "DriftColumnSumRule",
    "col_stats:MEDIAN": "DriftColumnMedianRule",
    "col_stats:STDDEV": "DriftColumnStdDevRule",
    "col_stats:COUNT_EMPTY": "DriftColumnEmptyValueCountRule",
    "col_stats:COUNT_DISTINCT": "DriftColumnUniqueValueCountRule",
}


class MetricInTypicalRange(Rule):
    """The latest value of a metric lies where its earlier values used to lie.

    Of the values before it, inside the window, the quartiles Q1 and Q3 are taken (interpolated linearly); the
    bounds are Q1 - factor · (Q3 - Q1) and Q3 + factor · (Q3 - Q1). Until enough was learnt the rule says EMPTY.

    Example:
        type: metric_in_typical_range
        metric: records:COUNT_RECORDS
        window: 30
        unit: days
    """

    STABLE_ID: ClassVar[str] = "DriftMetricRule"

    metric: str = Field(description="Id of the metric that is judged.")
    window: int = Field(default=30, ge=3, description="How far back values are looked at.")
    unit: Literal["runs", "days"] = Field(default="runs", description="What the window is counted in.")
    learn: int = Field(default=5, ge=1, description="Runs, or days, before the rule says anything.")
    soft_factor: float = Field(default=1.5, ge=0, description="WARNING beyond so many inter-quartile ranges.")
    factor: float = Field(default=3.0, ge=0, description="ERROR beyond so many inter-quartile ranges.")

    @property
    def stable_id(self) -> str:
        family, _, rest = self.metric.partition(":")
        return STABLE_IDS.get(
            self.metric, STABLE_IDS.get(f"{family}:{rest.partition(':')[0]}", self.STABLE_ID)
        )

    def label(self) -> str:
        return self.name or f"{label(self.metric)} is in its typical range"

    def judge(self, measured: Mapping[str, Any], ctx: MeasureContext) -> Judgement:
        points = [p for p in ctx.history(self.metric) if p.number is not None]
        if not points:
            return nothing(label(self.metric))
        *past, now = points
        if self._still_learning(past, now):
            return Judgement(Verdict.EMPTY, f"{shown(now.number or 0.0)}: still learning", now.value)
        seen = [p.number for p in self._seen(past, now) if p.number is not None]
        if len(seen) < FEWEST:
            return Judgement(
                Verdict.WARNING, f"only {len(seen)} values in {self.window} {self.unit}", now.value
            )
        return self._bounds(seen).judge_number(now.number or 0.0)

    def _still_learning(self, past: Sequence[MetricValue], now: MetricValue) -> bool:
        if self.unit == "runs":
            return len(past) < max(self.learn, FEWEST)
        return not past or now.computed_at - past[0].computed_at < timedelta(days=self.learn)

    def _seen(self, past: Sequence[MetricValue], now: MetricValue) -> Sequence[MetricValue]:
        if self.unit == "runs":
            return past[-self.window :]
        start = now.computed_at - timedelta(days=self.window)
        return [p for p in past if p.computed_at >= start]

    def _bounds(self, seen: Sequence[float]) -> Range:
        low, _, high = statistics.quantiles(seen, n=4, method="inclusive")
        spread = high - low
        return Range(
            minimum=Bound(value=low - self.factor * spread),
            soft_minimum=Bound(value=low - self.soft_factor * spread),
            soft_maximum=Bound(value=high + self.soft_factor * spread),
            maximum=Bound(value=high + self.factor * spread),
        )
