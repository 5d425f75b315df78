"""ValuesInRange: every value of a column lies where it should."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.bounds import NO_LIMIT, Bound, Range, nothing, shown
from penstock.core.check import Judgement
from penstock.core.columns import cleaned, number_column
from penstock.core.outcome import Verdict
from penstock.core.rule import Rule

if TYPE_CHECKING:
    from penstock.core.contexts import MeasureContext


class ValuesInRange(Range, Rule):
    """Every value of a numeric column lies in a range. Empty cells do not count.

    Example:
        type: values_in_range
        column: card_fico_score
        minimum: 300
        soft_maximum: 850
    """

    STABLE_ID: ClassVar[str] = "ValuesInRangeRule"

    column: str = Field(description="The numeric column.")

    def label(self) -> str:
        return self.name or f"Values of {self.column} are {self.in_words()}"

    def expressions(self, table: Any, ctx: MeasureContext) -> Mapping[str, Any]:
        cells = cleaned(number_column(table, self.column, ctx.key.name))
        outside = {verdict.value: _outside(cells, low, high).sum() for verdict, low, high in self.limits()}
        return {
            "values": cells.count(),
            "low": cells.min(),
            "high": cells.max(),
            **outside,
        }

    def judge(self, measured: Mapping[str, Any], ctx: MeasureContext) -> Judgement:
        total = measured["values"]
        if not total:
            return nothing(self.column)
        observed = f"{shown(measured['low'])} to {shown(measured['high'])}"
        if self.is_open:
            return Judgement(Verdict.EMPTY, f"{observed}. {NO_LIMIT}", observed)
        for verdict, low, high in self.limits():
            count = measured[verdict.value]
            if count:
                extreme = self._extreme(measured, low, high)
                said = f"{count:,} of {total:,} values are outside: {extreme.message}"
                return Judgement(verdict, said, observed)
        return Judgement(Verdict.OK, f"{total:,} values from {observed}", observed)

    def _extreme(self, measured: Mapping[str, Any], low: Bound, high: Bound) -> Judgement:
        """What the range says of the value farthest out."""
        pair = Range(minimum=low, maximum=high)
        below = pair.judge_number(measured["low"])
        return below if below.verdict is Verdict.ERROR else pair.judge_number(measured["high"])


def _outside(cells: Any, low: Bound, high: Bound) -> Any:
    """Ibis: which cells lie outside the enabled ones of two bounds; null where there is nothing to say."""
    below = (cells < low.value) if low.enabled else (cells != cells)
    above = (cells > high.value) if high.enabled else (cells != cells)
    return below | above
