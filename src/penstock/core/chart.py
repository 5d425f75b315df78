"""Charts: what is drawn of a dataset. Columns to group by, what to work out of each group, and the shape."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from penstock.core.errors import FlawAt
from penstock.core.kind import Definition

Shape = Literal["bar", "line", "area", "pie", "scatter", "histogram", "box", "pivot", "kpi"]
DatePart = Literal[
    "", "year", "quarter", "month", "week", "day", "hour",
    "quarter of year", "month of year", "day of month", "day of week", "hour of day",
]  # fmt: skip
Aggregation = Literal["count", "sum", "avg", "median", "min", "max", "distinct"]


def _column(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


class Dimension(Definition):
    """A column to group by: its values, bins of numbers, or parts of dates."""

    column: str = Field(min_length=1, description="The column.")
    title: str = Field(default="", description="Instead of the column's name.")
    part: DatePart = Field(default="", description="Of a date: cut to the month, or only its day of week …")
    bins: Literal["none", "number", "size", "quantiles"] = Field(
        default="none",
        description="Of numbers: so many bins of one width, bins of a given width, or quantiles.",
    )
    bin_count: int = Field(
        default=10, ge=2, le=200, description="How many bins, of `number` and `quantiles`."
    )
    bin_size: float = Field(default=1.0, gt=0, description="How wide a bin is, of `size`.")
    most: int = Field(default=30, ge=1, le=1000, description="Values shown; the rest become `others`.")
    order: Literal["value", "largest first", "smallest first"] = Field(
        default="value", description="By the value itself, or by the first measure."
    )


class Measure(Definition):
    """What is worked out of each group of rows."""

    aggregation: Aggregation = Field(
        default="count", description="count: rows, or values of a column that are there."
    )
    column: str = Field(default="", description="The column; none of `count` means rows.")
    title: str = Field(default="", description="Instead of `avg of column`.")
    show: Literal["value", "share", "cumulative", "difference"] = Field(
        default="value",
        description="As it is, as % of all groups, summed up so far, or against the one before.",
    )

    @model_validator(mode="after")
    def _needs_a_column(self) -> Measure:
        if self.aggregation != "count" and not self.column:
            raise FlawAt(f"`{self.aggregation}` needs a column.", "column")
        return self

    @property
    def label(self) -> str:
        if self.title:
            return self.title
        words = {"count": "rows" if not self.column else f"values of {self.column}"}
        name = words.get(self.aggregation, f"{self.aggregation} of {self.column}")
        shown = {"share": f"% of {name}", "cumulative": f"{name}, so far", "difference": f"{name}, change"}
        return shown.get(self.show, name)


AnyDimension = Annotated[Dimension, BeforeValidator(_column)]
AnyMeasure = Annotated[Measure, BeforeValidator(lambda v: {"aggregation": v} if isinstance(v, str) else v)]


class Chart(Definition):
    """What is drawn of a dataset."""

    shape: Shape = Field(default="bar", description="How it is drawn; `pivot` is a table, `kpi` numbers.")
    by: AnyDimension | None = Field(
        default=None, description="What it is grouped by: the bars, the line from left to right."
    )
    split: AnyDimension | None = Field(
        default=None, description="One colour, or one column of a pivot, each."
    )
    measures: tuple[AnyMeasure, ...] = Field(
        default=(Measure(),), min_length=1, description="What is worked out of each group."
    )
    stack: Literal["grouped", "stacked", "share"] = Field(
        default="grouped", description="Colours beside each other, on each other, or as 100 %."
    )
    horizontal: bool = Field(default=False, description="Bars lie.")
    points: int = Field(default=2000, ge=10, le=20_000, description="Of a scatter plot: rows drawn at most.")

    @model_validator(mode="after")
    def _complete(self) -> Chart:
        if self.shape != "kpi" and self.by is None:
            raise FlawAt(f"A chart of shape {self.shape} needs a column here.", "by")
        if self.shape in ("scatter", "box") and not self.measures[0].column:
            raise FlawAt(
                f"A chart of shape {self.shape} needs the column of its values.", "measures", 0, "column"
            )
        if self.split is not None and len(self.measures) > 1 and self.shape not in ("kpi", "pivot"):
            raise FlawAt("With several measures there is one colour each; leave this out.", "split")
        return self
