"""The one that forecasts: the score of training, the recipe and the endpoint all ask it, so they cannot disagree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from penstock.core.counting import counted
from penstock.core.errors import Invalid
from penstock.core.forecasting import Continued, ForecastDesign, Forecaster
from penstock.ml import forecast_windows, series, time_zones
from penstock.ml.series import Series

FORECAST = "forecast"
UNKNOWN, SHORT = "UNKNOWN_SERIES", "TOO_SHORT"
"""Why a series has no forecast."""
FEW = 10
"""With fewer errors of a step than these, the quantiles are taken from the errors of all steps."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """How one series goes on.

    times      (horizon,) instants in µs, UTC, right after its last row
    points     (horizon,) floats; None when the series is ignored
    quantiles  (horizon, quantiles) floats, rising from left to right; None when the series is ignored
    """

    key: tuple[str, ...]
    times: np.ndarray
    points: np.ndarray | None
    quantiles: np.ndarray | None
    ignored: str = ""
    """Why there is no forecast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastModel:
    """A model that continues series, ready to answer. Frozen: the same rows always get the same answer."""

    design: ForecastDesign
    forecaster: Forecaster
    text: str
    """What it learned."""
    continued: Continued
    bands: np.ndarray
    """(horizon, quantiles): quantiles of the errors of each step on rows held back, relative to the spread."""
    known: Mapping[tuple[str, ...], int | None]
    """Series it was trained on → the instant of the last row it learned; None where an older version did not say."""

    def forecast(
        self, table: pa.Table, *, where: str = "the input", skip_short: bool = False
    ) -> list[Forecast]:
        """One forecast for each series in the rows, `horizon` steps after its last value; rows without a target are
        those ahead. Only the last `window` values count. Series it was not trained on are ignored, and those with
        too few rows when `skip_short` says so.

        Raises ColumnMissing, and Invalid for irregular dates, too few rows and missing future externals.
        """
        found = [one.last(self.design.window_steps) for one in self._read(table, where)]
        reasons = [self._reason(one, skip_short) for one in found]
        for one, reason in zip(found, reasons, strict=True):
            if reason != SHORT:
                self._check(one)
        said = iter(self._said([one for one, reason in zip(found, reasons, strict=True) if not reason]))
        return [
            self._ignored(one, reason) if reason else next(said)
            for one, reason in zip(found, reasons, strict=True)
            if len(one)
        ]

    def _reason(self, one: Series, skip_short: bool) -> str:
        """Why a series is ignored; empty when it is not."""
        if one.key not in self.known:
            return UNKNOWN
        return SHORT if skip_short and len(one) < self.design.window_steps else ""

    def _read(self, table: pa.Table, where: str) -> Sequence[Series]:
        found = series.read(table, self.design, where=where, externals=False)
        if not found:
            raise Invalid("There is no row to forecast from.")
        return found

    def _check(self, one: Series) -> None:
        needed = self.design.window_steps
        if one.key in self.known and len(one) < needed:
            raise Invalid(
                f"{series.name(one.key, self.design)} has too little history: {counted(len(one), 'row')} with "
                f"{self.design.target}, and {needed} are needed."
            )
        if not len(one):
            raise Invalid(f"{series.name(one.key, self.design)} has no row with {self.design.target}.")
        series.check(one, self.design)

    def _said(self, many: Sequence[Series]) -> list[Forecast]:
        if not many:
            return []
        framed, times = forecast_windows.last(many, self.design)
        relative = self.continued(framed.windows)
        points = framed.restored(relative)
        spans = points[:, :, None] + framed.spread[:, :, None] * self.bands[None]
        return [Forecast(one.key, times[n], points[n], spans[n]) for n, one in enumerate(many)]

    def _ignored(self, one: Series, reason: str) -> Forecast:
        from penstock.ml import time_steps

        times = time_steps.following(one.times, self.design.step, self.design.horizon)
        return Forecast(one.key, times, None, None, reason)


def bands(errors: np.ndarray, quantiles: Sequence[float]) -> np.ndarray:
    """(horizon, quantiles) of (n, horizon) relative errors: of each step its empirical quantiles. They never cross.

    Where a step has few errors those of all steps are taken together.
    """
    pooled = errors if len(errors) >= FEW else np.tile(errors.reshape(-1, 1), errors.shape[1])
    found = np.quantile(pooled, quantiles, axis=0).T
    return np.maximum.accumulate(found, axis=1)


def quantile_column(quantile: float) -> str:
    """`quantile_0.9`"""
    return f"quantile_{quantile:g}"


def as_table(said: Sequence[Forecast], design: ForecastDesign, *, like: pa.Schema | None = None) -> pa.Table:
    """Series, time, forecast and quantiles: `horizon` rows a series; series and time in the types of `like`."""
    steps = design.horizon
    columns: dict[str, pa.Array] = {
        column: pa.array([one.key[place] for one in said for _ in range(steps)], pa.string())
        for place, column in enumerate(design.series)
    }
    times = np.concatenate([one.times for one in said]) if said else np.empty(0, np.int64)
    columns[design.time] = time_zones.written(times, design, like.field(design.time).type if like else None)
    columns[FORECAST] = pa.array(
        [_cell(one.points, (n,)) for one in said for n in range(steps)], pa.float64()
    )
    for place, quantile in enumerate(design.quantiles):
        values = [_cell(one.quantiles, (n, place)) for one in said for n in range(steps)]
        columns[quantile_column(quantile)] = pa.array(values, pa.float64())
    for name in design.series if like else ():
        columns[name] = typed(columns[name], like.field(name).type)  # type: ignore[union-attr]
    return pa.table(columns)


def typed(cells: pa.Array, wanted: pa.DataType) -> pa.Array:
    """The names of series in the type that the rows had."""
    if pa.types.is_dictionary(wanted):
        return typed(cells, wanted.value_type)
    return cells.cast(wanted, safe=False)


def _cell(values: np.ndarray | None, at: tuple[int, ...]) -> float | None:
    return None if values is None else float(values[at])
