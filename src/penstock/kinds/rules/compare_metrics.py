"""CompareMetrics: two metrics, of this or of another dataset, stand in a relation."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from penstock.core.bounds import compared, nothing
from penstock.core.check import Judgement
from penstock.core.metric import label
from penstock.core.outcome import Verdict
from penstock.core.rule import Rule

if TYPE_CHECKING:
    from penstock.core.contexts import MeasureContext

Operator = Literal["LT", "LTE", "GT", "GTE", "EQ"]

RELATIONS: Mapping[Operator, tuple[str, Callable[[Any, Any], bool]]] = {
    "LT": ("<", operator.lt),
    "LTE": ("<=", operator.le),
    "GT": (">", operator.gt),
    "GTE": (">=", operator.ge),
    "EQ": ("=", operator.eq),
}


class CompareMetrics(Rule):
    """The latest value of one metric is less than, equal to or greater than that of another.

    The other metric may belong to another object. Numbers compare as numbers, everything else as text.

    Example:
        type: compare_metrics
        metric: records:COUNT_RECORDS
        operator: LTE
        other: records:COUNT_RECORDS
        other_item: transactions
    """

    STABLE_ID: ClassVar[str] = "CompareMetricsRule"

    metric: str = Field(description="Id of a metric of this dataset.")
    operator: Operator = Field(description="How the first must stand to the second.")
    other: str = Field(description="Id of the metric it is compared with.")
    other_item: str = Field(
        default="",
        description="The object that has it, `PROJECT.name` in another project; this one if empty.",
    )

    def label(self) -> str:
        sign = RELATIONS[self.operator][0]
        where = f" of {self.other_item}" if self.other_item else ""
        return self.name or f"{label(self.metric)} {sign} {label(self.other)}{where}"

    def judge(self, measured: Mapping[str, Any], ctx: MeasureContext) -> Judgement:
        one, two = ctx.metric(self.metric), ctx.metric(self.other, self.other_item)
        if one is None or two is None:
            return nothing(label(self.metric if one is None else self.other))
        sign, holds = RELATIONS[self.operator]
        if compared(one.get_value(), two.get_value(), holds):
            return Judgement(Verdict.OK, f"{one.value} {sign} {two.value}", one.value)
        return Judgement(Verdict.ERROR, f"{one.value} (not {sign} {two.value})", one.value)
