"""Makes a number column for each part of a date: year, month, weekday (1 = Monday) and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from penstock.core.expression import Column, call
from penstock.core.prepare import PrepareContext, Processor, needed
from penstock.kinds.processors import _cells

if TYPE_CHECKING:
    import ibis.expr.types as ir

Part = Literal[
    "year", "quarter", "month", "week", "day", "day_of_year", "weekday", "hour", "minute", "second"
]


class ExtractDateParts(Processor):
    """Makes a number column for each part of a date: year, month, weekday (1 = Monday) and so on.

    Example:
        type: extract_date_parts
        column: time_hour
        parts: [month, weekday, hour]
    """

    LABEL: ClassVar[str] = "Extract date parts"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "one"

    column: str = Field(description="The column with dates, or with ISO texts.")
    parts: tuple[Part, ...] = Field(
        default=("year", "month", "day"), min_length=1, description="Which parts."
    )
    prefix: str | None = Field(
        default=None, description="What the new names begin with; unless said, <column>_."
    )

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        needed(table, self.column)
        prefix = f"{self.column}_" if self.prefix is None else self.prefix
        beside = self.column
        for part in self.parts:
            name = _cells.free_name(table, f"{prefix}{part}")
            table = _cells.computed(table, name, call(part, Column(self.column)), beside=beside)
            beside = name
        return table
