"""Removes rows in which cells are null or a text of no characters."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from penstock.core.prepare import Columns, PrepareContext, Processor
from penstock.kinds.processors import _cells

if TYPE_CHECKING:
    import ibis.expr.types as ir


class RemoveEmpty(Processor):
    """Removes rows in which cells are null or a text of no characters.

    Example:
        type: remove_empty
        columns: [arr_delay, tailnum]
        when: any
    """

    LABEL: ClassVar[str] = "Remove rows with empty cells"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "pattern"

    columns: Columns = Field(description="The columns that are looked at.")
    when: Literal["any", "all"] = Field(
        default="any", description="any: one empty cell is enough; all: all of them."
    )
    keep: bool = Field(default=False, description="The other way round: keep these rows, remove the rest.")

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        import ibis

        empty = [_cells.is_empty(name).compile(table) for name in self.columns.of(table)]
        if not empty:
            return table
        found = ibis.or_(*empty) if self.when == "any" else ibis.and_(*empty)
        return table.filter(found if self.keep else ~found)
