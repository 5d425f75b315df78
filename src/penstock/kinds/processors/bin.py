"""Puts numbers into ranges: of one width, between given boundaries, or equally full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from penstock.core.expression import Column, call
from penstock.core.prepare import PrepareContext, Processor, needed, placed

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Bin(Processor):
    """Puts numbers into ranges: of one width, between given boundaries, or equally full.

    A range holds its lower end and not its upper; numbers outside the boundaries are in the open first and last ones.

    Example:
        type: bin
        column: dep_hour
        boundaries: [6, 12, 18]
        output: part_of_day
    """

    LABEL: ClassVar[str] = "Bin numbers"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "one"

    column: str = Field(description="The column with numbers.")
    width: float | None = Field(default=None, gt=0, description="Ranges of this width.")
    start: float = Field(default=0, description="Where a range of that width begins.")
    boundaries: tuple[float, ...] = Field(default=(), description="Where ranges meet, in rising order.")
    quantiles: int | None = Field(
        default=None, ge=2, le=1000, description="So many ranges with about equally many rows."
    )
    label: Literal["range", "number", "lower"] = Field(
        default="range",
        description="As text [6, 12), as number 0, 1, 2 …, or by the lower end (by width only).",
    )
    output: str = Field(min_length=1, description="Name of the result.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum((self.width is not None, bool(self.boundaries), self.quantiles is not None)) != 1:
            raise ValueError("Give width, boundaries or quantiles, one of them.")
        if list(self.boundaries) != sorted(set(self.boundaries)):
            raise ValueError("boundaries must rise.")
        if self.label == "lower" and self.width is None:
            raise ValueError("'lower' is for ranges of one width.")
        return self

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        needed(table, self.column)
        value: Any = call("to_number", Column(self.column)).compile(table)
        binned = self._by_width(value) if self.width is not None else self._by_boundaries(table, value)
        return placed(table, self.output, binned, after=self.column)

    def _by_width(self, value: Any) -> ir.Value:
        place = (value - self.start) / self.width
        number = (place.abs() < 2.0**63).ifelse(place, None).floor().cast("int64")
        lower = number * float(self.width or 1) + self.start
        if self.label == "number":
            return number
        return lower if self.label == "lower" else _range_text(lower, lower + self.width)

    def _by_boundaries(self, table: ir.Table, value: Any) -> ir.Value:
        import ibis

        ends: list[Any] = list(self.boundaries) or self._quantiles(table, value)
        if self.label == "number":
            return value.notnull().ifelse(sum((value >= end).cast("int64") for end in ends), None)
        text = (
            [ibis.literal(f"{end:g}") for end in ends]
            if self.boundaries
            else [e.cast("string") for e in ends]
        )
        opened = [(value < ends[0], ibis.literal("< ") + text[0])]
        between = [
            (value < high, "[" + low_text + ", " + high_text + ")")
            for high, low_text, high_text in zip(ends[1:], text, text[1:], strict=False)
        ]
        return ibis.cases(*opened, *between, (value >= ends[-1], ibis.literal(">= ") + text[-1]))

    def _quantiles(self, table: ir.Table, value: Any) -> list[Any]:
        measured = table.select(v=value)
        count = self.quantiles or 2
        return [measured.v.quantile(n / count).as_scalar() for n in range(1, count)]


def _range_text(lower: Any, upper: Any) -> ir.Value:
    return "[" + lower.cast("string") + ", " + upper.cast("string") + ")"
