"""MetricInSet: any metric of a dataset is one of some values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.bounds import member, nothing
from penstock.core.check import Judgement
from penstock.core.metric import label
from penstock.core.outcome import Verdict
from penstock.core.rule import Rule

if TYPE_CHECKING:
    from penstock.core.contexts import MeasureContext


class MetricInSet(Rule):
    """The latest value of a metric of the dataset is one of those you list.

    Example:
        type: metric_in_set
        metric: basic:COUNT_FILES
        values: [1, 2]
    """

    STABLE_ID: ClassVar[str] = "valueSet"

    metric: str = Field(description="Id of the metric that is judged.")
    values: tuple[bool | int | float | str, ...] = Field(min_length=1, description="What it may be.")

    def label(self) -> str:
        return self.name or f"{label(self.metric)} is in the set"

    def judge(self, measured: Mapping[str, Any], ctx: MeasureContext) -> Judgement:
        point = ctx.metric(self.metric)
        if point is None:
            return nothing(label(self.metric))
        if member(point.get_value(), self.values):
            return Judgement(Verdict.OK, point.value, point.value)
        allowed = ", ".join(map(str, self.values))
        return Judgement(Verdict.ERROR, f"{point.value} (not one of {allowed})", point.value)
