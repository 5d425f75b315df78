"""Finds numbers in a text: the first one, or several in numbered columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from penstock.core.expression import Column, call
from penstock.core.prepare import PrepareContext, Processor, needed, placed
from penstock.kinds.processors import _cells

if TYPE_CHECKING:
    import ibis.expr.types as ir


class ExtractNumbers(Processor):
    """Finds numbers in a text: the first one, or several in numbered columns.

    Example:
        type: extract_numbers
        column: size
        output: size_cm
    """

    LABEL: ClassVar[str] = "Extract numbers"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "one"

    column: str = Field(description="The column to look in.")
    output: str = Field(
        min_length=1, description="Name of the result; several are numbered <output>_0, <output>_1 …"
    )
    most: int = Field(default=1, ge=1, le=20, description="How many numbers at most.")
    decimal: Literal[".", ","] = Field(default=".", description="What stands before the decimals.")

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        needed(table, self.column)
        text: Any = call("to_string", Column(self.column)).compile(table)
        number = f"([-+]?[0-9]+(?:[{self.decimal}][0-9]+)?)"
        pieces = text.re_replace(number, f"{_MARK}\\1{_MARK}").split(_MARK)
        beside = self.column
        for position in range(self.most):
            found = (pieces.length() > 2 * position + 1).ifelse(pieces[2 * position + 1], None)
            value = found.replace(",", ".").cast("float64")
            name = _cells.free_name(table, self.output if self.most == 1 else f"{self.output}_{position}")
            table, beside = placed(table, name, value, after=beside), name
        return table


_MARK = "\x1f"
"""Set around every number, so that cutting the text there leaves the numbers at odd places."""
