"""Distinct: every combination once."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.core.names import InputDataset, OutputDataset
from penstock.kinds.recipes._shape import ROW, After, Before, distinct_names, in_order, numbered
from penstock.kinds.recipes._table import need

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Distinct(Before, After):
    """Keeps every combination of values once, in the order of first appearance; nulls count as equal.

    Example:
        type: distinct
        input: flights
        output: routes
        columns: [origin, dest]
        count: flights
    """

    MAIN: ClassVar[tuple[str, ...]] = ("input", "output", "columns", "count")

    input: InputDataset = Field(description="The dataset with repetitions.")
    output: OutputDataset = Field(description="Where the distinct rows go.")
    columns: tuple[str, ...] = Field(
        default=(), description="The columns that are looked at and kept; all when empty."
    )
    count: str = Field(
        default="", description="Name of a column with the number of rows behind each; none when empty."
    )

    def transform(self, *tables: ir.Table) -> ir.Table:
        table = self.prepared(tables[0], self.input)
        need(table, self.columns, dataset=self.input, by="Distinct")
        names = list(self.columns or table.columns)
        distinct_names([*names, *filter(None, [self.count])], "The result")
        rows = numbered(table)
        found = {ROW: rows[ROW].min()} | ({self.count: rows.count()} if self.count else {})
        return self.finished(in_order(rows.group_by(names).aggregate(**found)))
