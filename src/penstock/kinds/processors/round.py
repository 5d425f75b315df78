"""Rounds numbers to so many decimals; halves go away from zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from penstock.core.expression import Column, Expression, call
from penstock.core.prepare import Columns, PrepareContext, Processor, placed

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Round(Processor):
    """Rounds numbers to so many decimals; halves go away from zero.

    Example:
        type: round
        columns: [temp, humid]
        decimals: 1
    """

    LABEL: ClassVar[str] = "Round numbers"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "pattern"

    columns: Columns = Field(description="The columns with numbers.")
    decimals: int = Field(default=0, ge=-15, le=15, description="-2 rounds to whole hundreds.")
    direction: Literal["nearest", "up", "down"] = Field(default="nearest", description="Which way.")

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        for name in self.columns.of(table):
            table = placed(table, name, self._rounded(Column(name)).compile(table))
        return table

    def _rounded(self, value: Expression) -> Expression:
        if self.direction == "nearest":
            return call("round", value, self.decimals)
        whole = "ceil" if self.direction == "up" else "floor"
        if self.decimals == 0:
            return call(whole, value)
        factor = 10.0 ** abs(self.decimals)
        if self.decimals < 0:
            return call("multiply", call(whole, call("divide", value, factor)), int(factor))
        return call("divide", call(whole, call("multiply", value, factor)), factor)
