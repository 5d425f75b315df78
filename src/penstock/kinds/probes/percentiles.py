"""Percentiles: quantiles of numeric columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from penstock.core.columns import cleaned
from penstock.core.metric import Probe, Unavailable

if TYPE_CHECKING:
    from penstock.core.contexts import MeasureContext

Percentile = Annotated[int, Field(ge=0, le=100)]


class Percentiles(Probe):
    """Percentiles of numeric columns, and their inter-quartile range. Empty cells do not count.

    Between two values the percentile is interpolated linearly.

    Example:
        type: percentiles
        columns: [purchase_amount]
        percentiles: [5, 25, 50, 75, 95]
    """

    columns: tuple[str, ...] = Field(min_length=1, description="Which columns.")
    percentiles: tuple[Percentile, ...] = Field(default=(25, 50, 75, 99), description="Which percentiles.")
    iqr: bool = Field(default=True, description="IQR: the 75th percentile minus the 25th.")

    def expressions(self, table: Any, ctx: MeasureContext) -> Mapping[str, Any]:
        return {
            metric_id: scalar
            for column in self.columns
            for metric_id, scalar in self._of(table, column).items()
        }

    def metric_ids(self, columns: Sequence[str] = ()) -> Sequence[str]:
        names = [f"p{p}" for p in self.percentiles] + (["IQR"] if self.iqr else [])
        return [f"percentile_stats:{name}:{column}" for column in self.columns for name in names]

    def _of(self, table: Any, name: str) -> dict[str, Any]:
        reason = _unfit(table, name)
        if reason:
            return {i: Unavailable(reason) for i in self.metric_ids() if i.endswith(f":{name}")}
        cells = cleaned(table[name].cast("float64"))
        found = {f"percentile_stats:p{p}:{name}": cells.quantile(p / 100) for p in self.percentiles}
        if self.iqr:
            spread = cells.quantile(0.75) - cells.quantile(0.25)
            found[f"percentile_stats:IQR:{name}"] = spread
        return found


def _unfit(table: Any, name: str) -> str:
    """Why a column has no percentiles, or an empty text."""
    if name not in table.columns:
        return f"there is no column '{name}'."
    kind = table[name].type()
    return "" if kind.is_numeric() else f"column '{name}' is {kind}, not a number."
