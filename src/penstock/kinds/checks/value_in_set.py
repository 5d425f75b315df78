"""ValueInSet: a metric is one of some values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from penstock.core.bounds import member
from penstock.core.check import Check, Judgement, no_value
from penstock.core.outcome import Verdict

if TYPE_CHECKING:
    from penstock.core.contexts import CheckContext


class ValueInSet(Check):
    """A metric is one of the values you list; numbers compare as numbers, anything else as text.

    Example:
        type: value_in_set
        name: Eleven columns or twelve
        metric: basic:COUNT_COLUMNS
        values: [11, 12]
    """

    metric: str = Field(description="The metric that is judged: its id, or its name such as `Data Drift`.")
    values: tuple[bool | int | float | str, ...] = Field(min_length=1, description="What it may be.")

    def judge(self, ctx: CheckContext) -> Judgement:
        point = ctx.value(self.metric)
        if point is None:
            return no_value(self.metric, ctx)
        if member(point.get_value(), self.values):
            return Judgement(Verdict.OK, point.value, point.value)
        allowed = ", ".join(map(str, self.values))
        return Judgement(Verdict.ERROR, f"{point.value} (not one of {allowed})", point.value)
