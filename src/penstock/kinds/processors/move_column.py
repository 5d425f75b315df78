"""Puts columns at the beginning, at the end, or beside another column."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from penstock.core.errors import Invalid
from penstock.core.prepare import Columns, PrepareContext, Processor, needed

if TYPE_CHECKING:
    import ibis.expr.types as ir


class MoveColumn(Processor):
    """Puts columns at the beginning, at the end, or beside another column.

    Example:
        type: move_column
        columns: [arr_delay]
        to: before
        column: month
    """

    LABEL: ClassVar[str] = "Move columns"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "pattern"

    columns: Columns = Field(description="The columns to move; they keep their order among themselves.")
    to: Literal["start", "end", "before", "after"] = Field(default="start", description="Where they go.")
    column: str = Field(default="", description="The column to go beside, for before and after.")

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        moved = self.columns.of(table)
        rest = [name for name in table.columns if name not in moved]
        place = {"start": 0, "end": len(rest)}.get(self.to)
        if place is None:
            needed(table, self.column)
            if self.column in moved:
                raise Invalid(f"Column '{self.column}' cannot be moved beside itself.")
            place = rest.index(self.column) + (self.to == "after")
        return table.select(*rest[:place], *moved, *rest[place:])
