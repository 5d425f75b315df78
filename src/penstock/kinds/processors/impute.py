"""Fills empty cells of many columns at once by their type: numbers one way, everything else another."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from penstock.core.filter import Scalar
from penstock.core.prepare import Columns, Pattern, PrepareContext, Processor, placed
from penstock.kinds.processors import _cells

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Impute(Processor):
    """Fills empty cells of many columns at once by their type: numbers one way, everything else another.

    With `flag`, a 0/1 column beside each says where a value was missing.

    Example:
        type: impute
        columns: {}
        numbers: median
        others: mode
        flag: true
    """

    LABEL: ClassVar[str] = "Impute missing values"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "pattern"

    columns: Columns = Field(default=Columns(Pattern()), description="The columns; all unless said.")
    numbers: Literal["mean", "median", "mode", "zero"] = Field(default="median", description="For numbers.")
    others: Literal["mode", "constant", "keep"] = Field(default="mode", description="For all other types.")
    constant: Scalar = Field(default="missing", description="The constant for texts.")
    flag: bool = Field(default=False, description="Add <column>_missing: 1 where the cell was empty, else 0.")

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        for name in self.columns.of(table):
            column = table[name]
            if self.flag:
                missing = _cells.is_empty(name).compile(table).cast("int8")
                table = placed(table, _cells.free_name(table, f"{name}_missing"), missing, after=name)
            table = table.mutate(**{name: self._filled(table, name, column.type().is_numeric())})
        return table

    def _filled(self, table: ir.Table, name: str, number: bool) -> ir.Value:
        column = _cells.without_empty(table[name])
        if number and self.numbers == "zero":
            return column.coalesce(_cells.typed(0, column, name))
        if not number and self.others == "keep":
            return table[name]
        if not number and self.others == "constant":
            return column.coalesce(_cells.typed(self.constant, column, name))
        return _cells.with_typical(table, name, self.numbers if number else "mode")
