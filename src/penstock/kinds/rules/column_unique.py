"""ColumnUnique: no value of a column comes twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.bounds import Tolerance
from penstock.core.check import Judgement
from penstock.core.columns import cleaned, existing_column
from penstock.core.rule import Rule

if TYPE_CHECKING:
    from penstock.core.contexts import MeasureContext


class ColumnUnique(Tolerance, Rule):
    """No value of a column comes twice, or no more than you allow. Empty cells do not count.

    Example:
        type: column_unique
        column: transaction_id
    """

    STABLE_ID: ClassVar[str] = "ColumnUniqueValuesRule"

    column: str = Field(description="The column.")

    def label(self) -> str:
        return self.name or f"Values of {self.column} are unique{self.tolerance_in_words()}"

    def expressions(self, table: Any, ctx: MeasureContext) -> Mapping[str, Any]:
        cells = cleaned(existing_column(table, self.column, ctx.key.name))
        return {"values": cells.count(), "distinct": cells.nunique()}

    def judge(self, measured: Mapping[str, Any], ctx: MeasureContext) -> Judgement:
        values = measured["values"]
        return self.judge_share(values - measured["distinct"], values, "repetitions of an earlier one")
