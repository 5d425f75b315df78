"""ColumnStatistics: minimum, mean, empties … of many columns in one pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, field_validator

from penstock.core.columns import cleaned
from penstock.core.metric import Probe, Unavailable

if TYPE_CHECKING:
    from penstock.core.contexts import MeasureContext

Aggregate = Literal[
    "MIN", "MAX", "MEAN", "SUM", "STDDEV", "MEDIAN", "COUNT", "COUNT_DISTINCT", "COUNT_EMPTY"
]  # fmt: skip

ARITHMETIC = frozenset({"MEAN", "SUM", "STDDEV", "MEDIAN"})

COMPUTED: Mapping[Aggregate, Callable[[Any], Any]] = {
    "MIN": lambda cells: cells.min(),
    "MAX": lambda cells: cells.max(),
    "MEAN": lambda cells: cells.mean(),
    "SUM": lambda cells: cells.sum(),
    "STDDEV": lambda cells: cells.std(),
    "MEDIAN": lambda cells: cells.median(),
    "COUNT": lambda cells: cells.count(),
    "COUNT_DISTINCT": lambda cells: cells.nunique(),
    "COUNT_EMPTY": lambda cells: cells.isnull().sum().fill_null(0),
}


class ColumnStatistics(Probe):
    """Statistics of columns, all in one pass over the rows. Cells that are empty or NaN do not count.

    COUNT is the number of filled cells, STDDEV that of a sample (divided by n - 1).

    Example:
        type: column_statistics
        columns: [card_age, card_fico_score]
        aggregates: [MIN, MAX, MEAN, COUNT_EMPTY]
        on_build: true
    """

    columns: tuple[str, ...] = Field(default=(), description="Which columns; all of them if empty.")
    aggregates: tuple[Aggregate, ...] = Field(
        default=("MIN", "MAX", "MEAN", "STDDEV", "COUNT_EMPTY"),
        description="Which statistics; those that do not apply to a column are left out. COUNT_DISTINCT costs most.",
    )

    @field_validator("aggregates", mode="before")
    @classmethod
    def _in_capitals(cls, given: Any) -> Any:
        """`mean` is MEAN."""
        if isinstance(given, (list, tuple)):
            return tuple(g.upper() if isinstance(g, str) else g for g in given)
        return given

    def expressions(self, table: Any, ctx: MeasureContext) -> Mapping[str, Any]:
        return {
            f"col_stats:{aggregate}:{column}": _scalar(table, column, aggregate)
            for column in self.columns or table.columns
            for aggregate in self.aggregates
        }

    def metric_ids(self, columns: Sequence[str] = ()) -> Sequence[str]:
        return [f"col_stats:{a}:{c}" for c in self.columns or columns for a in self.aggregates]


def _scalar(table: Any, name: str, aggregate: Aggregate) -> Any:
    if name not in table.columns:
        return Unavailable(f"there is no column '{name}'.")
    column = table[name]
    if aggregate in ARITHMETIC and not column.type().is_numeric():
        return Unavailable(f"column '{name}' is {column.type()}, not a number.")
    if aggregate in ("MIN", "MAX", "COUNT_DISTINCT") and column.type().is_nested():
        return Unavailable(f"column '{name}' is {column.type()}, whose values have no order.")
    return COMPUTED[aggregate](cleaned(column))
