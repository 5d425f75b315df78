"""ColumnNotEmpty: a column is filled."""

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


class ColumnNotEmpty(Tolerance, Rule):
    """A column has no empty cells, or no more than you allow.

    Example:
        type: column_not_empty
        column: card_age
        threshold: percentage
        soft_maximum: 2.5
        maximum: 5
    """

    STABLE_ID: ClassVar[str] = "ColumnNotEmptyRule"

    column: str = Field(description="The column.")

    def label(self) -> str:
        return self.name or f"{self.column} is not empty{self.tolerance_in_words()}"

    def expressions(self, table: Any, ctx: MeasureContext) -> Mapping[str, Any]:
        column = existing_column(table, self.column, ctx.key.name)
        return {"rows": table.count(), "filled": cleaned(column).count()}

    def judge(self, measured: Mapping[str, Any], ctx: MeasureContext) -> Judgement:
        rows, full = measured["rows"], measured["filled"]
        return self.judge_share(rows - full, rows, "empty")
