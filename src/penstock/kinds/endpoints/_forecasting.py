"""An opened forecast endpoint: rows of a query to series, and each step ahead to a result."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from penstock.core.errors import BadQuery, ColumnMissing, Invalid, NotFound
from penstock.core.service import Answer, Record

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.ml.forecasts import Forecast, ForecastModel

WHERE = "the query"


class Forecasts:
    """A model that continues the series of a query. Several threads may ask it."""

    blocking = False

    def __init__(self, model: ForecastModel) -> None:
        self._model = model

    def answer(self, verb: str, query: Mapping[str, Any]) -> Answer:
        if verb != "forecast":
            raise NotFound("verb", verb, among=("forecast",))
        began = time.perf_counter_ns()
        try:
            said = self._model.forecast(self._table(query), where=WHERE)
        except (Invalid, ColumnMissing) as error:
            raise BadQuery(error.message, hint=error.hint) from error
        context = query.get("context")
        known = context if isinstance(context, Mapping) else {}
        records = [record for one in said for record in self._records(one, known)]
        timing = {"prediction": (time.perf_counter_ns() - began) // 1000}
        return Answer({"results": [record.result for record in records]}, records, timing)

    def close(self) -> None:
        """Nothing is held open."""

    def _table(self, query: Mapping[str, Any]) -> pa.Table:
        """The columns of the design, as they were sent; words of the query that it does not know are left out."""
        import pyarrow as pa

        design = self._model.design
        items = _items(query)
        missing = next(
            (name for name in (design.time, *design.series) if any(name not in i for i in items)), ""
        )
        if missing:
            raise BadQuery(f"Every item needs `{missing}`.")
        if not any(design.target in item for item in items):
            raise BadQuery(f"No item has a `{design.target}`: past rows are needed to forecast from.")
        return pa.table({name: _column(items, name) for name in design.columns})

    def _records(self, one: Forecast, context: Mapping[str, Any]) -> list[Record]:
        """One result for each step, and what the journal keeps of it."""
        from penstock.ml import time_steps, time_zones

        design = self._model.design
        key = dict(zip(design.series, one.key, strict=True))
        records = []
        for place, instant in enumerate(time_zones.instants(one.times, design)):
            moment = time_steps.text(instant)
            result = {**self._said(one, place), "time": moment, "timeseriesIdentifier": key}
            records.append(Record({**key, design.time: moment}, result, context))
        return records

    def _said(self, one: Forecast, place: int) -> dict[str, Any]:
        if one.points is None or one.quantiles is None:
            return {"ignored": True, "ignoreReason": one.ignored}
        return {
            "forecast": float(one.points[place]), "ignored": False, "quantiles": list(self._model.design.quantiles),
            "quantilesValues": [float(value) for value in one.quantiles[place]],
        }  # fmt: skip


def _items(query: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    items = query.get("items")
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        raise BadQuery("A forecast is asked with `items`: a list of objects, one for each row of the series.")
    if not items:
        raise BadQuery("`items` is empty: a forecast begins with the last rows of its series.")
    return items


def _column(items: Sequence[Mapping[str, Any]], name: str) -> pa.Array:
    import pyarrow as pa

    cells = [item.get(name) for item in items]
    if any(isinstance(cell, str) for cell in cells):  # 7 and "7" name the same series
        cells = [None if cell is None else str(cell) for cell in cells]
    try:
        return pa.array(cells)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
        raise BadQuery(f"`{name}` has values of different sorts: {error}") from error
