"""Leaves columns out."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from penstock.core.errors import Invalid
from penstock.core.prepare import Columns, PrepareContext, Processor

if TYPE_CHECKING:
    import ibis.expr.types as ir


class DeleteColumns(Processor):
    """Leaves columns out.

    Example:
        type: delete_columns
        columns: [time_hour, tailnum]
    """

    LABEL: ClassVar[str] = "Delete columns"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "pattern"

    columns: Columns = Field(description="The columns to leave out.")

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        gone = self.columns.of(table)
        if len(set(gone)) == len(table.columns):
            raise Invalid("This would delete every column of the table.")
        return table.drop(*gone)
