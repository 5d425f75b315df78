"""How forecasts would have gone: made at many places of series, each without the rows behind it, and set against what
really came. Rolling origins: Tashman, Out-of-sample tests of forecasting accuracy (2000)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from penstock.core.forecasting import ForecastDesign
from penstock.core.score import Ahead, Guess
from penstock.ml import forecast_measures as measures
from penstock.ml import performance, time_steps
from penstock.ml.forecast_windows import Known
from penstock.ml.series import Series

MOST_CELLS = 200_000
"""Windows times steps that are judged, or learned from; above, evenly spread ones are."""
DRAWN = 12
"""Series whose last judged forecast is kept to be drawn."""
BY_SERIES = ("mase", "mape", "smape", "rmse", "mae")


@dataclass(frozen=True, kw_only=True)
class Backtest:
    """Forecasts of n windows beside what came.

    said       (n, horizon) floats in the target's units
    quantiles  (n, horizon, quantiles), or None where they cannot be judged
    naive      (series,) mean absolute error of saying the value a season before, on rows before those judged; NaN
               where there are too few
    """

    design: ForecastDesign
    many: Sequence[Series]
    windows: Known
    said: np.ndarray
    quantiles: np.ndarray | None
    naive: np.ndarray

    @property
    def truth(self) -> np.ndarray:
        return self.windows.truth

    @cached_property
    def judged(self) -> list[int]:
        """Places of the series that have a window."""
        return [int(place) for place in np.unique(self.windows.of)]

    @cached_property
    def metrics(self) -> Mapping[str, float | None]:
        """Every score of forecasts, over all windows and steps; None where it has no meaning."""
        return scores(self.truth, self.said, Ahead(
            np.repeat(self.windows.of, self.design.horizon), self.naive, _flat(self.quantiles), self.design.quantiles
        ))  # fmt: skip

    @cached_property
    def by_series(self) -> list[Mapping[str, float | None]]:
        """Of each judged series its measures."""
        return [self._measured(self.windows.of == place, self.naive[place]) for place in self.judged]

    @property
    def worst(self) -> dict[str, float]:
        """Of each measure the value of the series it is worst on."""
        found = {code: [v for one in self.by_series if (v := one[code]) is not None] for code in BY_SERIES}
        return {code: max(values) for code, values in found.items() if values}

    @property
    def steps(self) -> list[dict[str, float | None]]:
        """Of each step ahead its measures, and the share of true values between the outer quantiles."""
        return [self._step(n) for n in range(self.design.horizon)]

    @property
    def coverage(self) -> list[dict[str, float | None]]:
        """Of each quantile the share of true values at or below it: a quantile of 0.9 should have nine in ten."""
        return [
            {
                "quantile": q,
                "below": None if self.quantiles is None else measures.coverage(self.truth, self.quantiles[:, :, k]),
            }
            for k, q in enumerate(self.design.quantiles)
        ]  # fmt: skip

    def told(self) -> dict[str, Any]:
        """JSON-ready facts for reports and screens."""
        steps = self.steps
        return {
            "series": len(self.many), "windows": len(self.said),
            "by_series": [
                {"key": list(self.many[place].key), **values}
                for place, values in zip(self.judged, self.by_series, strict=True)
            ],
            "by_step": [step["mae"] for step in steps], "steps": steps, "coverage": self.coverage,
            "drawn": [self._drawn(place) for place in self.judged[:DRAWN]],
        }  # fmt: skip

    def _measured(self, mine: np.ndarray, naive: float) -> dict[str, float | None]:
        truth, said = self.truth[mine], self.said[mine]
        return {"mase": measures.mase(truth, said, measures.known(naive)), **_plain(truth, said)}

    def _step(self, n: int) -> dict[str, float | None]:
        truth, said, at = self.truth[:, n], self.said[:, n], self.quantiles
        inside = None if at is None else float(((truth > at[:, n, 0]) & (truth <= at[:, n, -1])).mean())
        whose = Ahead(self.windows.of, self.naive, None, ())
        return {"mase": measures.mean_mase(truth, said, whose), **_plain(truth, said), "inside": inside}

    def _drawn(self, place: int) -> dict[str, Any]:
        """The last judged forecast of a series, with the rows before it and what really came."""
        at, one = int(np.flatnonzero(self.windows.of == place)[-1]), self.many[place]
        start, steps = int(self.windows.at[at]), self.design.horizon
        before, after = slice(max(0, start - self.design.window_steps), start), slice(start, start + steps)
        return {
            "key": list(one.key), "past_times": [time_steps.text(t) for t in one.times[before]],
            "past": one.values[before].tolist(), "times": [time_steps.text(t) for t in one.times[after]],
            "truth": self.truth[at].tolist(), "forecast": self.said[at].tolist(),
            "quantiles": None if self.quantiles is None else self.quantiles[at].tolist(),
        }  # fmt: skip


def scores(truth: np.ndarray, said: np.ndarray, ahead: Ahead) -> Mapping[str, float | None]:
    """Every score of forecasts; arrays of any shape are read row by row."""
    return performance.performance(truth.reshape(-1), Guess(said.reshape(-1), ahead=ahead), "forecast")


def naive_errors(many: Sequence[Series], starts: Sequence[int], season: int) -> np.ndarray:
    """(series,) the naive error of each series on its rows before a place; NaN where they are too few."""
    found = (
        measures.naive_error(one.values[:start], season) for one, start in zip(many, starts, strict=True)
    )
    return np.array([np.nan if error is None else error for error in found])


def _plain(truth: np.ndarray, said: np.ndarray) -> dict[str, float | None]:
    return {
        "mape": measures.mape(truth, said), "smape": measures.smape(truth, said),
        "rmse": measures.rmse(truth, said), "mae": measures.mae(truth, said),
    }  # fmt: skip


def _flat(quantiles: np.ndarray | None) -> np.ndarray | None:
    return None if quantiles is None else quantiles.reshape(-1, quantiles.shape[-1])


def spread(first: int, last: int) -> np.ndarray:
    """Every place from the first to the last; none when that lies before."""
    return np.arange(first, last + 1, dtype=np.int64)


def thinned(ends: Sequence[np.ndarray], horizon: int) -> list[np.ndarray]:
    """Every k-th place counted from the end, so that the work stays bounded."""
    every = -(-sum(map(len, ends)) * horizon // MOST_CELLS) or 1
    return [at[::-1][::every][::-1] for at in ends]
