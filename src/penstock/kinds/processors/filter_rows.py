"""Keeps or removes the rows that rules or a formula mean, or clears cells in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from penstock.core.filter import Filter
from penstock.core.prepare import Columns, PrepareContext, Processor

if TYPE_CHECKING:
    import ibis.expr.types as ir


class FilterRows(Processor, Filter):
    """Keeps or removes the rows that rules or a formula mean, or clears cells in them.

    Rules compare by value, range of numbers, or range of dates, and nest in groups.

    Example:
        type: filter_rows
        action: remove
        rules:
          - {column: distance, operator: between, values: [0, 10]}
    """

    LABEL: ClassVar[str] = "Filter rows"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "none"

    action: Literal["keep", "remove", "clear"] = Field(
        default="keep", description="What happens to those rows."
    )
    columns: Columns | None = Field(
        default=None,
        description="For clear: the cells to clear; unless said, of the columns that are looked at.",
    )

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        found = self.compile(table)
        if self.action != "clear":
            return table.filter(found if self.action == "keep" else ~found)
        names = self.columns.of(table) if self.columns else self.expression().columns()
        return table.mutate(**{name: found.ifelse(None, table[name]) for name in names})
