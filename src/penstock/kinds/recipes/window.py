"""Window: values out of the rows around each row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, cast

from pydantic import Field, model_validator

from penstock.core.kind import Definition
from penstock.core.names import InputDataset, OutputDataset
from penstock.kinds.recipes._aggregate import Function, aggregate
from penstock.kinds.recipes._shape import ROW, After, Before, Order, distinct_names, in_order, numbered
from penstock.kinds.recipes._table import need

if TYPE_CHECKING:
    import ibis.expr.types as ir

RANKS = frozenset({"row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile"})
SHIFTS = frozenset({"lag", "lead"})


class Frame(Definition):
    """Which rows around a row are meant: so many before and after it, or those whose order value is so near."""

    by: Literal["rows", "range"] = Field(
        default="rows", description="Count rows, or differences of the order column."
    )
    before: float | None = Field(default=None, ge=0, description="How far back; none = to the beginning.")
    after: float | None = Field(
        default=0, ge=0, description="How far ahead; 0 = this row, none = to the end."
    )


class WindowColumn(Definition):
    """One new column."""

    function: Literal[
        "count", "count_distinct", "sum", "avg", "min", "max", "stddev", "first", "last", "lag", "lead",
        "row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile",
    ] = Field(description="What is computed.")  # fmt: skip
    column: str = Field(default="", description="Of which column; none for ranks, and for a count of rows.")
    name: str = Field(default="", description="Its name; `<column>_<function>` when empty.")
    offset: int = Field(
        default=1, ge=1, description="lag and lead: how many rows away. ntile: how many buckets."
    )
    frame: Frame | None = Field(default=None, description="Its own frame instead of the recipe's.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.column and self.function not in RANKS and self.function != "count":
            raise ValueError(f"{self.function} needs a column.")
        return self

    @property
    def called(self) -> str:
        return self.name or (f"{self.column}_{self.function}" if self.column else self.function)


class Window(Before, After):
    """Adds columns computed from the rows around each row: ranks, earlier and later values, running totals.

    Without a frame, SQL's own rule holds: with an order, from the beginning to the current row and its equals;
    without one, the whole partition. Rows keep their order.

    Example:
        type: window
        input: flights
        output: flights_windowed
        partition: [tailnum]
        order: [time_hour]
        columns:
          - {function: lag, column: arr_delay, name: previous_delay}
          - {function: avg, column: arr_delay, frame: {by: rows, before: 5, after: 0}}
          - {function: row_number, name: flight_of_plane}
    """

    MAIN: ClassVar[tuple[str, ...]] = ("input", "output", "partition", "order", "columns")

    input: InputDataset = Field(description="The dataset.")
    output: OutputDataset = Field(description="Where its rows go, with the new columns.")
    partition: tuple[str, ...] = Field(
        default=(), description="Columns that make a partition; all rows when empty."
    )
    order: tuple[Order, ...] = Field(
        default=(), description="The order in a partition; `-column` is descending."
    )
    frame: Frame | None = Field(
        default=None, description="Which rows around a row; SQL's rule when left out."
    )
    columns: tuple[WindowColumn, ...] = Field(min_length=1, description="The new columns.")

    @model_validator(mode="after")
    def _orders(self) -> Self:
        for column in self.columns:
            if not self.order and column.function in (RANKS | SHIFTS) - {"row_number"}:
                raise ValueError(f"{column.function} needs an order.")
            frame = column.frame or self.frame
            bounded = frame is not None and (frame.before is not None or frame.after not in (None, 0))
            if frame is not None and frame.by == "range" and bounded and len(self.order) != 1:
                raise ValueError("A frame by range needs exactly one order column.")
        return self

    def transform(self, *tables: ir.Table) -> ir.Table:
        table = self.prepared(tables[0], self.input)
        wanted = [
            *self.partition,
            *(o.column for o in self.order),
            *(c.column for c in self.columns if c.column),
        ]
        need(table, wanted, dataset=self.input, by="Window")
        distinct_names([*table.columns, *(c.called for c in self.columns)], "The result")
        rows = numbered(table)
        return self.finished(in_order(rows.mutate(**{c.called: self._value(c, rows) for c in self.columns})))

    def _value(self, column: WindowColumn, rows: ir.Table) -> Any:
        if column.function in RANKS:
            return self._rank(column, rows)
        if column.function in SHIFTS:
            cell = rows[column.column]
            shifted = cell.lag(column.offset) if column.function == "lag" else cell.lead(column.offset)
            return shifted.over(self._window(rows, None, breaks_ties=True))
        frame = column.frame or self.frame
        return self._aggregate(column, rows).over(self._window(rows, frame, breaks_ties=False))

    def _aggregate(self, column: WindowColumn, rows: ir.Table) -> Any:
        if not column.column:
            return rows.count()
        cell = rows[column.column]
        if column.function in ("first", "last"):
            return (
                cell.first(include_null=True) if column.function == "first" else cell.last(include_null=True)
            )
        return aggregate(cast("Function", column.function), cell, name=column.column)

    def _rank(self, column: WindowColumn, rows: ir.Table) -> Any:
        import ibis

        tied = self._window(rows, None, breaks_ties=column.function in ("row_number", "ntile"))
        match column.function:
            case "row_number":
                return ibis.row_number().over(tied).cast("int64") + 1
            case "rank":
                return ibis.rank().over(tied).cast("int64") + 1
            case "dense_rank":
                return ibis.dense_rank().over(tied).cast("int64") + 1
            case "percent_rank":
                return ibis.percent_rank().over(tied)
            case "cume_dist":
                return ibis.cume_dist().over(tied)
        return ibis.ntile(column.offset).over(tied).cast("int64") + 1

    def _window(self, rows: ir.Table, frame: Frame | None, *, breaks_ties: bool) -> Any:
        """The window; where equals must be told apart, the number of the row does it."""
        import ibis

        group = [rows[c] for c in self.partition]
        order = [o.key(rows) for o in self.order] + ([rows[ROW]] if breaks_ties else [])
        if breaks_ties:
            return ibis.window(group_by=group, order_by=order)
        if frame is None:
            return (
                ibis.window(group_by=group, order_by=order, range=(None, 0))
                if order
                else ibis.window(group_by=group)
            )
        if frame.by == "rows":
            return ibis.window(group_by=group, order_by=[*order, rows[ROW]], rows=_bounds(frame, whole=True))
        return ibis.window(group_by=group, order_by=order, range=_bounds(frame, whole=False))


def _bounds(frame: Frame, *, whole: bool) -> tuple[Any, Any]:
    """Ibis's bounds: negative before, positive after, None for no end."""
    before = None if frame.before is None else -frame.before
    return (_int(before), _int(frame.after)) if whole else (_near(before), _near(frame.after))


def _int(value: float | None) -> int | None:
    return None if value is None else int(value)


def _near(value: float | None) -> float | int | None:
    return int(value) if value is not None and value == int(value) else value
