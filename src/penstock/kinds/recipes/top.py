"""Top: the first or last rows of each group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import Field, model_validator

from penstock.core.names import InputDataset, OutputDataset
from penstock.kinds.recipes._shape import ROW, Before, Order, distinct_names, in_order, keys, numbered
from penstock.kinds.recipes._table import need

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Top(Before):
    """Keeps the first and last rows of each group, in a given order; equals are told apart by their position.

    Example:
        type: top
        input: flights
        output: worst_delays
        group: [carrier]
        order: [-arr_delay]
        first: 10
        rank: place
        rest: other_flights
    """

    MAIN: ClassVar[tuple[str, ...]] = ("input", "output", "order", "first", "last", "group", "rest")

    input: InputDataset = Field(description="The dataset to choose from.")
    output: OutputDataset = Field(description="Where the chosen rows go, sorted by group and order.")
    rest: OutputDataset | None = Field(
        default=None, description="Where all other rows go, in their old order."
    )
    group: tuple[str, ...] = Field(
        default=(), description="Columns that make a group; the whole dataset when empty."
    )
    order: tuple[Order, ...] = Field(
        min_length=1, description="What first and last mean; `-column` is descending."
    )
    first: int = Field(default=0, ge=0, description="How many rows from the beginning of each group.")
    last: int = Field(default=0, ge=0, description="How many rows from the end of each group.")
    rank: str = Field(
        default="", description="Name of a column with the place in the group, 1 first; none when empty."
    )

    @model_validator(mode="after")
    def _takes_some(self) -> Self:
        if not self.first and not self.last:
            raise ValueError("Say how many rows to take: first, last, or both.")
        return self

    def transform(self, *tables: ir.Table) -> dict[str, ir.Table]:
        table = self.prepared(tables[0], self.input)
        need(table, [*self.group, *(o.column for o in self.order)], dataset=self.input, by="Top")
        distinct_names([*table.columns, *filter(None, [self.rank])], "The result")
        rows = self._placed(numbered(table))
        chosen = (rows["__from_start"] < self.first) | (rows["__from_end"] < self.last)
        found = {self.output: self._chosen(rows.filter(chosen))}
        return found | ({self.rest: self._rest(rows.filter(~chosen))} if self.rest else {})

    def _placed(self, rows: ir.Table) -> ir.Table:
        import ibis

        group = [rows[c] for c in self.group]
        place = ibis.row_number().over(group_by=group, order_by=keys(rows, self.order)).cast("int64")
        size: Any = rows.count().over(group_by=group)
        return rows.mutate(__from_start=place, __from_end=size - place - 1)

    def _chosen(self, rows: ir.Table) -> ir.Table:
        if self.rank:
            rows = rows.mutate(**{self.rank: rows["__from_start"] + 1})
        groups = [Order(column=c).key(rows) for c in self.group]
        return rows.order_by([*groups, rows["__from_start"]]).drop(ROW, "__from_start", "__from_end")

    def _rest(self, rows: ir.Table) -> ir.Table:
        return in_order(rows.drop("__from_start", "__from_end"))
