"""RecordCountInRange: the dataset has about as many rows as it should."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from penstock.core.bounds import Range
from penstock.core.check import Judgement
from penstock.core.rule import Rule

if TYPE_CHECKING:
    from penstock.core.contexts import MeasureContext


class RecordCountInRange(Range, Rule):
    """The number of rows lies in a range.

    Example:
        type: record_count_in_range
        minimum: 1
        soft_minimum: 1000
    """

    STABLE_ID: ClassVar[str] = "RecordCountInRangeRule"

    def label(self) -> str:
        return self.name or f"Record count is {self.in_words()}"

    def expressions(self, table: Any, ctx: MeasureContext) -> Mapping[str, Any]:
        return {"rows": table.count()}

    def judge(self, measured: Mapping[str, Any], ctx: MeasureContext) -> Judgement:
        return self.judge_number(measured["rows"])
