"""ColumnStatisticInRange: minimum, maximum, average … of a column lie where they should."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from penstock.core.bounds import Range, finite, nothing
from penstock.core.check import Judgement
from penstock.core.columns import cleaned, number_column
from penstock.core.rule import Rule

if TYPE_CHECKING:
    from penstock.core.contexts import MeasureContext

Statistic = Literal["min", "max", "avg", "sum", "median", "stddev"]

STABLE_IDS: Mapping[Statistic, str] = {
    "min": "ColumnMinInRangeRule",
    "max": "ColumnMaxInRangeRule",
    "avg": "ColumnAvgInRangeRule",
    "sum": "ColumnSumInRangeRule",
    "median": "ColumnMedianInRangeRule",
    "stddev": "ColumnStdDevInRangeRule",
}


class ColumnStatisticInRange(Range, Rule):
    """A statistic of a numeric column lies in a range. Empty cells do not count.

    Example:
        type: column_statistic_in_range
        column: card_age
        statistic: avg
        soft_minimum: 20
        maximum: 400
    """

    STABLE_ID: ClassVar[str] = "ColumnStatisticInRangeRule"

    column: str = Field(description="The numeric column.")
    statistic: Statistic = Field(
        description="Which statistic; stddev is that of a sample (divided by n - 1)."
    )

    @property
    def stable_id(self) -> str:
        return STABLE_IDS[self.statistic]

    def label(self) -> str:
        return self.name or f"{self.statistic.capitalize()} of {self.column} is {self.in_words()}"

    def expressions(self, table: Any, ctx: MeasureContext) -> Mapping[str, Any]:
        column = cleaned(number_column(table, self.column, ctx.key.name))
        methods = {"avg": "mean", "stddev": "std"}
        statistic = getattr(column, methods.get(self.statistic, self.statistic))
        return {"value": statistic()}

    def judge(self, measured: Mapping[str, Any], ctx: MeasureContext) -> Judgement:
        value = finite(measured["value"])
        if value is None:
            return nothing(f"the {self.statistic} of {self.column}")
        return self.judge_number(value)
