"""Keeps these columns only, in the order in which they are named."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from penstock.core.errors import Invalid
from penstock.core.prepare import Columns, PrepareContext, Processor

if TYPE_CHECKING:
    import ibis.expr.types as ir


class KeepColumns(Processor):
    """Keeps these columns only, in the order in which they are named.

    Example:
        type: keep_columns
        columns: [month, day, carrier]
    """

    LABEL: ClassVar[str] = "Keep columns"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "pattern"

    columns: Columns = Field(description="The columns to keep.")

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        kept = self.columns.of(table)
        if not kept:
            raise Invalid("This would delete every column of the table.")
        return table.select(*dict.fromkeys(kept))
