"""What checks and rules said, as rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from penstock.core.check import CheckResult
from penstock.core.schema import ColumnType
from penstock.kinds.datasets._history import OBJECT, HistoryDataset, of_object, oldest_first

if TYPE_CHECKING:
    from penstock.core.contexts import DatasetContext


class Checks(HistoryDataset):
    """What the checks and rules of an object, or of the whole project, said, one row a result; always live.

    Example:
        type: checks
        scope: project
        content: last
    """

    SHAPE: ClassVar[Mapping[str, ColumnType]] = {
        **OBJECT, "evaluation_id": "string", "check_id": "string", "check_name": "string", "check_type": "string",
        "metric_id": "string", "outcome": "string", "message": "string", "observed_value": "string",
        "computed_at": "datetime_tz", "run_id": "string", "origin": "string",
    }  # fmt: skip

    def records(self, ctx: DatasetContext) -> Iterator[Mapping[str, Any]]:
        found = ctx.check_history(self.scope, self.item, self.content == "last")
        return (_row(result) for result in oldest_first(found, "check_id"))


def _row(result: CheckResult) -> Mapping[str, Any]:
    return {
        **of_object(result.key),
        "evaluation_id": result.evaluation_id or None,
        "check_id": result.check_id,
        "check_name": result.check_name,
        "check_type": result.check_type,
        "metric_id": result.metric_id or None,
        "outcome": result.verdict.value,
        "message": result.message,
        "observed_value": result.observed or None,
        "computed_at": result.computed_at,
        "run_id": result.run_id or None,
        "origin": result.origin,
    }
