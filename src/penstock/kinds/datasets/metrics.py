"""The metrics of an object or a project, as rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from penstock.core.metric import MetricValue, label
from penstock.core.schema import ColumnType
from penstock.kinds.datasets._history import OBJECT, HistoryDataset, as_date, of_object, oldest_first

if TYPE_CHECKING:
    from penstock.core.contexts import DatasetContext


class Metrics(HistoryDataset):
    """The metrics of an object, or of every object of the project, one row a value; always live, never built.

    Example:
        type: metrics
        item: evaluations
        content: history
    """

    SHAPE: ClassVar[Mapping[str, ColumnType]] = {
        **OBJECT, "evaluation_id": "string", "metric_id": "string", "metric_type": "string", "column": "string",
        "metric_name": "string", "data_type": "string", "value": "string", "value_num": "double",
        "value_date": "datetime_tz", "computed_at": "datetime_tz", "run_id": "string", "origin": "string",
    }  # fmt: skip

    def records(self, ctx: DatasetContext) -> Iterator[Mapping[str, Any]]:
        found = ctx.metric_history(self.scope, self.item, self.content == "last")
        return (_row(value) for value in oldest_first(found, "metric_id"))


def _row(value: MetricValue) -> Mapping[str, Any]:
    return {
        **of_object(value.key),
        "evaluation_id": value.evaluation_id or None,
        "metric_id": value.metric_id,
        "metric_type": value.metric_id.partition(":")[0],
        "column": _column(value.metric_id),
        "metric_name": label(value.metric_id),
        "data_type": value.data_type,
        "value": value.value,
        "value_num": value.number,
        "value_date": as_date(value.value) if value.data_type == "DATE" else None,
        "computed_at": value.computed_at,
        "run_id": value.run_id or None,
        "origin": value.origin,
    }


def _column(metric_id: str) -> str | None:
    """The column a metric is about: `col_stats:MEAN:fare` → fare, `univariate:fare:psi` → fare."""
    family, _, rest = metric_id.partition(":")
    if family == "univariate":
        return rest.rpartition(":")[0]
    return rest.partition(":")[2] if family.endswith(("col_stats", "percentile_stats")) else None
