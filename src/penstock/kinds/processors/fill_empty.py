"""Fills cells that are null, or a text of no characters."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field, model_validator

from penstock.core.filter import Scalar
from penstock.core.prepare import Columns, PrepareContext, Processor, needed
from penstock.kinds.processors import _cells

if TYPE_CHECKING:
    import ibis.expr.types as ir


class FillEmpty(Processor):
    """Fills cells that are null, or a text of no characters.

    With a constant, with the last filled cell before or the next one after in an order, or with the mean, median or
    most frequent value of the column (of equally frequent ones, the smallest). A column without any value stays so.

    Example:
        type: fill_empty
        columns: [wind_speed]
        method: previous
        order_by: [time_hour]
    """

    LABEL: ClassVar[str] = "Fill empty cells"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "pattern"

    columns: Columns = Field(description="The columns to fill.")
    method: Literal["constant", "previous", "next", "mean", "median", "mode"] = Field(
        default="constant", description="What with."
    )
    value: Scalar | None = Field(default=None, description="The constant; of the type of the columns.")
    order_by: tuple[str, ...] = Field(default=(), description="The order that previous and next mean.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.method == "constant") == (self.value is None):
            raise ValueError("A constant needs a value, and nothing else does.")
        if self.method in ("previous", "next") and not self.order_by:
            raise ValueError(f"'{self.method}' needs order_by: which column says what comes first.")
        return self

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        names = self.columns.of(table)
        if self.method in ("previous", "next"):
            return self._from_neighbours(table, names)
        return table.mutate(**{name: self._filled(table, name) for name in names})

    def _filled(self, table: ir.Table, name: str) -> ir.Value:
        column = _cells.without_empty(table[name])
        if self.method == "constant":
            return column.coalesce(_cells.typed(self.value, column, name))
        return _cells.with_typical(table, name, self.method)

    def _from_neighbours(self, table: ir.Table, names: list[str]) -> ir.Table:
        """Cells that count as many filled ones before (or after) them share the last of those."""
        import ibis

        for name in self.order_by:
            needed(table, name)
        rows = table.mutate(__row=ibis.row_number())
        frame = (
            {"preceding": None, "following": 0}
            if self.method == "previous"
            else {"preceding": 0, "following": None}
        )
        window = ibis.window(order_by=[rows[name] for name in self.order_by], **frame)
        for name in names:
            cells = rows.mutate(**{name: _cells.without_empty(rows[name])})
            cells = cells.mutate(__seen=cells[name].count().over(window))
            rows = cells.mutate(**{name: cells[name].max().over(group_by=cells["__seen"])}).drop("__seen")
        return rows.order_by("__row").drop("__row")
