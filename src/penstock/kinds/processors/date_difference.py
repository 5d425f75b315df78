"""How many whole units lie from a date to another date: a column, a constant, or now."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field, model_validator

from penstock.core.expression import Column, call
from penstock.core.prepare import PrepareContext, Processor, needed
from penstock.kinds.processors import _cells

if TYPE_CHECKING:
    import ibis.expr.types as ir

Unit = Literal["years", "quarters", "months", "weeks", "days", "hours", "minutes", "seconds"]


class DateDifference(Processor):
    """How many whole units lie from a date to another date: a column, a constant, or now.

    Example:
        type: date_difference
        column: ordered_at
        to_column: delivered_at
        unit: days
        output: delivery_days
    """

    LABEL: ClassVar[str] = "Difference between dates"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "one"

    column: str = Field(description="The earlier date.")
    to_column: str = Field(default="", description="The later date; or give to.")
    to: str = Field(default="", description="The later date as a constant; with neither, now.")
    unit: Unit = Field(default="days", description="In which unit, cut towards zero.")
    output: str = Field(min_length=1, description="Name of the result.")

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        needed(table, self.column)
        later = call("as_date", self.to) if self.to else call("now")
        if self.to_column:
            needed(table, self.to_column)
            later = call("as_date", Column(self.to_column))
        found = call("diff", later, Column(self.column), self.unit)
        return _cells.computed(table, self.output, found, beside=self.column)

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if self.to and self.to_column:
            raise ValueError("Give to or to_column, not both.")
        return self
