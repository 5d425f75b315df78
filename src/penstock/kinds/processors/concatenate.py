"""Joins the texts of several columns into one; empty cells are left out, or kept as nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from penstock.core.expression import Column, call
from penstock.core.prepare import Columns, PrepareContext, Processor, placed
from penstock.kinds.processors import _cells

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Concatenate(Processor):
    """Joins the texts of several columns into one; empty cells are left out, or kept as nothing.

    Example:
        type: concatenate
        columns: [origin, dest]
        separator: "-"
        output: route
    """

    LABEL: ClassVar[str] = "Concatenate columns"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "list"

    columns: Columns = Field(description="The columns, in this order.")
    separator: str = Field(default="", description="The text between them.")
    skip_empty: bool = Field(default=True, description="No separator for an empty cell.")
    output: str = Field(min_length=1, description="Name of the result.")

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        import ibis

        result: Any = ibis.literal("", type="string")
        begun: Any = ibis.literal(False)
        for name in self.columns.of(table):
            value: Any = _cells.without_empty(call("to_string", Column(name)).compile(table))
            there = value.notnull() if self.skip_empty else ibis.literal(True)
            joint = (begun & there).ifelse(self.separator, "")
            result, begun = result + joint + value.coalesce(""), begun | there
        return placed(table, self.output, result)
