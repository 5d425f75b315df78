"""Group: one row per group, with aggregates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import Field, model_validator

from penstock.core.formula import Formula
from penstock.core.kind import Definition
from penstock.core.names import InputDataset, OutputDataset
from penstock.kinds.recipes._aggregate import Function, aggregate
from penstock.kinds.recipes._shape import ROW, After, Before, Order, distinct_names, keys, numbered
from penstock.kinds.recipes._table import need

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Aggregate(Definition):
    """What is computed of a column, or of a formula."""

    column: str = Field(default="", description="The column.")
    formula: Formula | None = Field(
        default=None, description="Instead of a column: what is computed of each row."
    )
    functions: tuple[Function, ...] = Field(
        min_length=1,
        description="count (of filled cells), count_distinct, sum, avg, min, max, stddev, first …",
    )
    name: str = Field(
        default="", description="Stem of the result's names: `<name>_<function>`; the column's own."
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.column) == (self.formula is not None):
            raise ValueError("Give a column or a formula.")
        if self.formula is not None and not self.name:
            raise ValueError("A formula needs a name.")
        return self

    @property
    def stem(self) -> str:
        return self.name or self.column

    def columns(self) -> tuple[str, ...]:
        return self.formula.columns() if self.formula is not None else (self.column,)

    def of(self, table: ir.Table) -> Any:
        return self.formula.compile(table) if self.formula is not None else table[self.column]


class Group(Before, After):
    """Makes one row of each group of rows, with counts, sums, averages … Groups come sorted by their keys, nulls
    first. Nulls are left out of every aggregate but `first` and `last`, which follow `order` or the input's order.

    Example:
        type: group
        input: flights
        output: delays_by_carrier
        keys: [carrier]
        aggregates:
          - {column: arr_delay, functions: [avg, stddev, max]}
          - {column: dest, functions: [count_distinct]}
          - {name: speed, formula: "distance / air_time * 60", functions: [avg]}
    """

    MAIN: ClassVar[tuple[str, ...]] = ("input", "output", "keys", "aggregates", "record_count")

    input: InputDataset = Field(description="The dataset to group.")
    output: OutputDataset = Field(description="Where the groups go.")
    keys: tuple[str, ...] = Field(
        default=(), description="Columns that make a group; none = one of all rows."
    )
    aggregates: tuple[Aggregate, ...] = Field(default=(), description="What is computed of each group.")
    record_count: str = Field(default="count", description="Column with the number of rows; empty = none.")
    order: tuple[Order, ...] = Field(default=(), description="What first, last and concat follow.")

    def transform(self, *tables: ir.Table) -> ir.Table:
        table = self.prepared(tables[0], self.input)
        wanted = [
            *self.keys,
            *(c for a in self.aggregates for c in a.columns()),
            *(o.column for o in self.order),
        ]
        need(table, wanted, dataset=self.input, by="Group")
        rows = numbered(table) if self._ordered() else table
        pairs = list(self._found(rows))
        distinct_names([*self.keys, *(name for name, _ in pairs)], "The result")
        found = dict(pairs)
        if not self.keys:
            return self.finished(rows.aggregate(**found))
        groups = (
            rows.group_by(list(self.keys)).aggregate(**found) if found else rows.select(*self.keys).distinct()
        )
        return self.finished(groups.order_by([Order(column=k).key(groups) for k in self.keys]))

    def _ordered(self) -> bool:
        return any(f in ("first", "last", "concat") for a in self.aggregates for f in a.functions)

    def _found(self, rows: ir.Table) -> Iterator[tuple[str, Any]]:
        order = keys(rows, self.order) if ROW in rows.columns else None
        if self.record_count:
            yield self.record_count, rows.count()
        for wanted in self.aggregates:
            for function in wanted.functions:
                value = aggregate(function, wanted.of(rows), order=order, name=wanted.stem)
                yield f"{wanted.stem}_{function}", value
