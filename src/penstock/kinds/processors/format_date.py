"""Writes a date as text in a format: %d/%m/%Y or dd/MM/yyyy."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field, model_validator

from penstock.core.expression import Column, call
from penstock.core.prepare import PrepareContext, Processor, needed
from penstock.kinds.processors import _cells

if TYPE_CHECKING:
    import ibis.expr.types as ir


class FormatDate(Processor):
    """Writes a date as text in a format: %d/%m/%Y or dd/MM/yyyy.

    Example:
        type: format_date
        column: day
        format: "%d/%m/%Y"
        output: day_text
    """

    LABEL: ClassVar[str] = "Format date"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "one"

    column: str = Field(description="The column with dates.")
    format: str = Field(description="How to write them.")
    output: str = Field(default="", description="Name of the result; empty = in place.")

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        needed(table, self.column)
        written = call("format_date", Column(self.column), self.format)
        return _cells.computed(table, self.output or self.column, written, beside=self.column)

    @model_validator(mode="after")
    def _writable(self) -> Self:
        _cells.checked(call("format_date", Column("x"), self.format))
        return self
