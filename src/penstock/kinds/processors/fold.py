"""Turns columns into rows: one row per folded column, with its name and its value. Wide becomes long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from penstock.core.errors import Invalid
from penstock.core.expression import Column, call
from penstock.core.prepare import Columns, PrepareContext, Processor
from penstock.kinds.processors import _cells

if TYPE_CHECKING:
    import ibis.expr.types as ir

PLACE = "__place"


class Fold(Processor):
    """Turns columns into rows: one row per folded column, with its name and its value. Wide becomes long.

    Values of different types become texts.

    Example:
        type: fold
        columns: {pattern: "sales_.*"}
        name: month
        value: sales
    """

    LABEL: ClassVar[str] = "Fold columns"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "pattern"

    columns: Columns = Field(description="The columns to fold.")
    name: str = Field(default="name", min_length=1, description="The new column for the names.")
    value: str = Field(default="value", min_length=1, description="The new column for the values.")
    skip_empty: bool = Field(default=False, description="No row for an empty cell.")
    strip: str = Field(default="", description="Left out of the beginning of the names.")

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        names = self.columns.of(table)
        if not names:
            raise Invalid("No column matches; there is nothing to fold.")
        if len({table[n].type() for n in names}) > 1:
            table = table.mutate(**{n: call("to_string", Column(n)).compile(table) for n in names})
        kept = table.select(*(c for c in table.columns if c not in names), *names)
        for new in (self.name, self.value):
            if new in kept.columns and new not in names:
                _cells.free_name(kept, new)
        folded = self._folded(kept, names)
        if not self.skip_empty:
            return folded
        return folded.filter(~_cells.is_empty(self.value).compile(folded))

    def _folded(self, table: ir.Table, names: Sequence[str]) -> ir.Table:
        """Each row as often as there are columns, and of each of these one cell."""
        import ibis

        places = ibis.array([ibis.literal(i, type="int64") for i in range(len(names))])
        rows = table.mutate(**{PLACE: places.unnest()})
        called = ibis.cases(*((rows[PLACE] == i, self._short(n)) for i, n in enumerate(names)))
        cells = ibis.cases(*((rows[PLACE] == i, rows[n]) for i, n in enumerate(names)))
        others = [c for c in table.columns if c not in names]
        return rows.select(*others, **{self.name: called, self.value: cells})

    def _short(self, name: str) -> str:
        return name.removeprefix(self.strip)
