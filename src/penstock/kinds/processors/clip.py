"""Forces numbers into a range: those outside become its nearest end, or empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from penstock.core.expression import Column, call
from penstock.core.prepare import Columns, PrepareContext, Processor

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Clip(Processor):
    """Forces numbers into a range: those outside become its nearest end, or empty.

    Example:
        type: clip
        columns: [wind_speed]
        lower: 0
        upper: 60
    """

    LABEL: ClassVar[str] = "Clip numbers"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "pattern"

    columns: Columns = Field(description="The columns with numbers.")
    lower: float | None = Field(default=None, description="The smallest number allowed.")
    upper: float | None = Field(default=None, description="The largest number allowed.")
    outside: Literal["clip", "clear"] = Field(
        default="clip", description="Numbers outside: the nearest end, or empty."
    )

    @model_validator(mode="after")
    def _a_range(self) -> Self:
        if self.lower is None and self.upper is None:
            raise ValueError("Give lower, upper, or both.")
        if self.lower is not None and self.upper is not None and self.lower > self.upper:
            raise ValueError("lower is above upper.")
        return self

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        return table.mutate(**{name: self._clipped(table, name) for name in self.columns.of(table)})

    def _clipped(self, table: ir.Table, name: str) -> ir.Value:
        column = Column(name)
        read = column if table[name].type().is_numeric() else call("to_number", column)
        value: Any = read.compile(table)
        if self.lower is not None:
            value = (value < self.lower).ifelse(self._end(self.lower, value), value)
        if self.upper is not None:
            value = (value > self.upper).ifelse(self._end(self.upper, value), value)
        return value

    def _end(self, end: float, value: Any) -> Any:
        """The end as the type of the column; a fractional end of whole numbers makes them decimals."""
        import ibis

        if self.outside == "clear":
            return ibis.null(value.type())
        whole = value.type().is_integer() and end == int(end)
        return ibis.literal(int(end), type=value.type()) if whole else ibis.literal(end, type="float64")
