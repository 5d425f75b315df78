"""AdvancedColumnStatistics: the most frequent values of columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import Field

from penstock.core.columns import in_order, most_frequent
from penstock.core.metric import Probe, Unavailable

if TYPE_CHECKING:
    from penstock.core.contexts import MeasureContext


class AdvancedColumnStatistics(Probe):
    """The most frequent value of columns, and the most frequent ones with their counts. Empty cells do not count.

    Apart from the plain statistics because counting every distinct value costs much more.

    Example:
        type: advanced_column_statistics
        columns: [merchant_state]
        top: 10
    """

    columns: tuple[str, ...] = Field(min_length=1, description="Which columns.")
    mode: bool = Field(default=True, description="MODE: the most frequent value; of equals the smallest.")
    top: int = Field(
        default=10, ge=0, le=1000, description="TOP10: so many values with their counts; 0 = none."
    )

    def expressions(self, table: Any, ctx: MeasureContext) -> Mapping[str, Any]:
        return {
            metric_id: self._scalar(table, metric_id, column)
            for column in self.columns
            for metric_id in self._ids(column)
        }

    def metric_ids(self, columns: Sequence[str] = ()) -> Sequence[str]:
        return [metric_id for column in self.columns for metric_id in self._ids(column)]

    def _ids(self, column: str) -> list[str]:
        statistics = (["MODE"] if self.mode else []) + ([f"TOP{self.top}"] if self.top else [])
        return [f"adv_col_stats:{statistic}:{column}" for statistic in statistics]

    def _scalar(self, table: Any, metric_id: str, column: str) -> Any:
        import ibis

        if column not in table.columns:
            return Unavailable(f"there is no column '{column}'.")
        if metric_id.startswith("adv_col_stats:MODE:"):
            frequent = most_frequent(table, column, 1)
            return frequent.aggregate(mode=frequent["value"].min())["mode"].as_scalar()
        frequent = most_frequent(table, column, self.top)
        entry = ibis.struct({"value": frequent["value"], "count": frequent["count"]})
        return in_order(frequent, entry)
