"""Makes a column with 1 in the rows that rules or a formula mean, and 0 in the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from penstock.core.filter import Filter
from penstock.core.prepare import PrepareContext, Processor, placed
from penstock.kinds.processors import _cells

if TYPE_CHECKING:
    import ibis.expr.types as ir


class FlagRows(Processor, Filter):
    """Makes a column with 1 in the rows that rules or a formula mean, and 0 in the others.

    Example:
        type: flag_rows
        output: is_late
        formula: arr_delay > 15
    """

    LABEL: ClassVar[str] = "Flag rows"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "none"

    output: str = Field(min_length=1, description="Name of the 0/1 column.")

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        return placed(table, _cells.free_name(table, self.output), self.compile(table).cast("int8"))
