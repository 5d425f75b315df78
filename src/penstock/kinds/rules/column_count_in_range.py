"""ColumnCountInRange: the dataset has as many columns as it should."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from penstock.core.bounds import Range
from penstock.core.check import Judgement
from penstock.core.rule import Rule

if TYPE_CHECKING:
    from penstock.core.contexts import MeasureContext


class ColumnCountInRange(Range, Rule):
    """The number of columns lies in a range.

    Example:
        type: column_count_in_range
        minimum: 12
        maximum: 12
    """

    STABLE_ID: ClassVar[str] = "ColumnCountInRangeRule"

    def label(self) -> str:
        return self.name or f"Column count is {self.in_words()}"

    def judge(self, measured: Mapping[str, Any], ctx: MeasureContext) -> Judgement:
        return self.judge_number(len(ctx.columns))
