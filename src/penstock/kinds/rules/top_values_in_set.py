"""TopValuesInSet: the most frequent values of a column are known ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.bounds import member, nothing
from penstock.core.check import Judgement
from penstock.core.columns import existing_column, in_order, most_frequent
from penstock.core.outcome import Verdict
from penstock.core.rule import Rule

if TYPE_CHECKING:
    from penstock.core.contexts import MeasureContext


class TopValuesInSet(Rule):
    """The most frequent values of a column are all among those you list. Empty cells do not count.

    Example:
        type: top_values_in_set
        column: merchant_state
        top: 3
        values: [California, Texas, Florida, New York]
    """

    STABLE_ID: ClassVar[str] = "TopValuesInSetRule"

    column: str = Field(description="The column.")
    top: int = Field(default=10, ge=1, lt=100, description="How many of the most frequent values.")
    values: tuple[bool | int | float | str, ...] = Field(min_length=1, description="What they may be.")

    def label(self) -> str:
        return self.name or f"Top {self.top} values of {self.column} are in the set"

    def expressions(self, table: Any, ctx: MeasureContext) -> Mapping[str, Any]:
        existing_column(table, self.column, ctx.key.name)
        frequent = most_frequent(table, self.column, self.top)
        return {"top": in_order(frequent, frequent["value"])}

    def judge(self, measured: Mapping[str, Any], ctx: MeasureContext) -> Judgement:
        top = measured["top"]
        if not top:
            return nothing(self.column)
        strange = [value for value in top if not member(value, self.values)]
        observed = ", ".join(map(str, top))
        if strange:
            said = f"{', '.join(map(str, strange))} (not in the set) among the top {len(top)}: {observed}"
            return Judgement(Verdict.ERROR, said, observed)
        return Judgement(Verdict.OK, observed, observed)
