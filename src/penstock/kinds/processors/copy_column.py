"""Makes a second column with the same values, right after the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from penstock.core.prepare import PrepareContext, Processor, needed, placed
from penstock.kinds.processors import _cells

if TYPE_CHECKING:
    import ibis.expr.types as ir


class CopyColumn(Processor):
    """Makes a second column with the same values, right after the first.

    Example:
        type: copy_column
        column: carrier
        output: airline
    """

    LABEL: ClassVar[str] = "Copy column"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "one"

    column: str = Field(description="The column to copy.")
    output: str = Field(min_length=1, description="Name of the copy.")

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        return placed(
            table, _cells.free_name(table, self.output), needed(table, self.column), after=self.column
        )
