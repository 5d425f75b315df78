"""ModeInSet: the most frequent value of a column is a known one."""

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


class ModeInSet(Rule):
    """The most frequent value of a column is one of those you list. Empty cells do not count.

    Of values that are equally frequent the smallest is the mode.

    Example:
        type: mode_in_set
        column: signature_provided
        values: [1]
    """

    STABLE_ID: ClassVar[str] = "ModeValueInSetRule"

    column: str = Field(description="The column.")
    values: tuple[bool | int | float | str, ...] = Field(min_length=1, description="What it may be.")

    def label(self) -> str:
        return self.name or f"Mode of {self.column} is in the set"

    def expressions(self, table: Any, ctx: MeasureContext) -> Mapping[str, Any]:
        existing_column(table, self.column, ctx.key.name)
        frequent = most_frequent(table, self.column, 1)
        return {"top": in_order(frequent, frequent["value"])}

    def judge(self, measured: Mapping[str, Any], ctx: MeasureContext) -> Judgement:
        if not measured["top"]:
            return nothing(f"the mode of {self.column}")
        mode = measured["top"][0]
        if member(mode, self.values):
            return Judgement(Verdict.OK, str(mode), str(mode))
        allowed = ", ".join(map(str, self.values))
        return Judgement(Verdict.ERROR, f"{mode} (not one of {allowed})", str(mode))
