"""Sort: order the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.core.names import InputDataset, OutputDataset
from penstock.kinds.recipes._shape import ROW, Before, Order, keys, numbered
from penstock.kinds.recipes._table import need

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Sort(Before):
    """Sorts the rows of a dataset. Nulls come first ascending and last descending; equals keep their order.

    Example:
        type: sort
        input: flights
        output: flights_sorted
        order: [carrier, -dep_delay]
    """

    MAIN: ClassVar[tuple[str, ...]] = ("input", "output", "order")

    input: InputDataset = Field(description="The dataset to sort.")
    output: OutputDataset = Field(description="Where the sorted rows go; their order is kept there.")
    order: tuple[Order, ...] = Field(
        min_length=1, description="Columns, the most important first; `-column` is descending."
    )

    def transform(self, *tables: ir.Table) -> ir.Table:
        table = self.prepared(tables[0], self.input)
        need(table, (o.column for o in self.order), dataset=self.input, by="Sort")
        rows = numbered(table)
        return rows.order_by(keys(rows, self.order)).drop(ROW)
