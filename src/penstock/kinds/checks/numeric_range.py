"""NumericRange: a metric lies between bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from penstock.core.bounds import Range
from penstock.core.check import Check, Judgement, no_value
from penstock.core.metric import label
from penstock.core.outcome import Verdict

if TYPE_CHECKING:
    from penstock.core.contexts import CheckContext


class NumericRange(Range, Check):
    """A metric lies in a range: hard limits make ERROR, soft limits make WARNING, the limits are inside.

    Without any limit switched on it judges nothing and says EMPTY. Each bound is a plain number, or
    `{value: …, enabled: false}` to keep a value without using it.

    Example:
        type: numeric_range
        name: Data Drift < 0.7
        metric: drift:DATA_DRIFT
        soft_maximum: 0.6
        maximum: 0.7
    """

    metric: str = Field(description="The metric that is judged: its id, or its name such as `Data Drift`.")

    def judge(self, ctx: CheckContext) -> Judgement:
        point = ctx.value(self.metric)
        if point is None:
            return no_value(self.metric, ctx)
        if point.number is None:
            said = f"{label(self.metric)} is '{point.value}', which is not a number"
            return Judgement(Verdict.ERROR, said, point.value)
        return self.judge_number(point.get_value() if point.data_type != "BOOLEAN" else point.number)
