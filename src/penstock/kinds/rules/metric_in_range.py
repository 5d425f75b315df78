"""MetricInRange: any metric of a dataset lies where it should."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.bounds import Range, nothing
from penstock.core.check import Judgement
from penstock.core.metric import label
from penstock.core.outcome import Verdict
from penstock.core.rule import Rule

if TYPE_CHECKING:
    from penstock.core.contexts import MeasureContext


class MetricInRange(Range, Rule):
    """The latest value of a metric of the dataset lies in a range.

    Example:
        type: metric_in_range
        metric: col_stats:MEAN:card_age
        soft_minimum: 20
    """

    STABLE_ID: ClassVar[str] = "numericRange"

    metric: str = Field(description="Id of the metric that is judged.")

    def label(self) -> str:
        return self.name or f"{label(self.metric)} is {self.in_words()}"

    def judge(self, measured: Mapping[str, Any], ctx: MeasureContext) -> Judgement:
        point = ctx.metric(self.metric)
        if point is None:
            return nothing(label(self.metric))
        if point.number is None:
            return Judgement(Verdict.ERROR, f"'{point.value}' is not a number", point.value)
        return self.judge_number(point.number)
