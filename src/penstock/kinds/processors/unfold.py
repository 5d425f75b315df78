"""Turns the values of a column into columns: long becomes wide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from penstock.core.expression import Column, call, constant
from penstock.core.filter import Scalar
from penstock.core.prepare import PrepareContext, Processor, needed
from penstock.kinds.processors import _cells

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Unfold(Processor):
    """Turns the values of a column into columns: long becomes wide.

    Without `by`, each row stays and shows 1 (or the cell of `value`) under its own value. With `by`, rows that agree
    there become one. The values are listed, so that the schema does not change from run to run.

    Example:
        type: unfold
        column: month
        modalities: [jan, feb, mar]
        value: sales
        by: [shop]
        prefix: sales_
    """

    LABEL: ClassVar[str] = "Unfold values"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "one"

    column: str = Field(description="The column with the values.")
    modalities: tuple[Scalar, ...] = Field(
        min_length=1, description="Its values that become columns, in this order."
    )
    value: str = Field(default="", description="The column whose cells are shown; unless given, 1 or 0.")
    by: tuple[str, ...] = Field(default=(), description="Columns of which each combination becomes one row.")
    aggregate: Literal["first", "sum", "min", "max", "count"] = Field(
        default="first", description="With by: what to show when several rows meet."
    )
    prefix: str = Field(default="", description="What the new names begin with; unless said, <column>_.")

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        needed(table, self.column)
        cells = {f"{self.prefix or f'{self.column}_'}{m}": self._cell(table, m) for m in self.modalities}
        for name in cells:
            _cells.free_name(table, name)
        if not self.by:
            return table.mutate(**cells)
        for name in self.by:
            needed(table, name)
        marked = table.mutate(**cells)
        grouped = marked.group_by(*self.by).agg(**{name: self._met(marked[name]) for name in cells})
        return grouped.order_by(*self.by)

    def _cell(self, table: ir.Table, modality: Scalar) -> ir.Value:
        here = call("coalesce", call("equal", Column(self.column), constant(modality)), False).compile(table)
        if not self.value:
            return here.cast("int64")
        return here.ifelse(needed(table, self.value), None)

    def _met(self, cells: Any) -> ir.Value:
        if not self.value:
            return cells.max()
        return {
            "first": cells.first,
            "sum": cells.sum,
            "min": cells.min,
            "max": cells.max,
            "count": cells.count,
        }[self.aggregate]()
