"""Records: how many rows a dataset has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from penstock.core.metric import Probe

if TYPE_CHECKING:
    from penstock.core.contexts import MeasureContext


class Records(Probe):
    """How many rows a dataset has. It reads the data, so it is not computed on build unless you say so.

    Example:
        type: records
        on_build: true
    """

    def expressions(self, table: Any, ctx: MeasureContext) -> Mapping[str, Any]:
        return {"records:COUNT_RECORDS": table.count()}

    def metric_ids(self, columns: Sequence[str] = ()) -> Sequence[str]:
        return ("records:COUNT_RECORDS",)
