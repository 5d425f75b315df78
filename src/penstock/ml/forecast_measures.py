"""How far forecasts are off. Each takes arrays of equal shape and returns a number, or None when it has no meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from penstock.core.score import Ahead


def mae(truth: np.ndarray, said: np.ndarray) -> float | None:
    """Mean absolute error, in units of the target."""
    return float(np.abs(truth - said).mean()) if truth.size else None


def rmse(truth: np.ndarray, said: np.ndarray) -> float | None:
    """Root of the mean squared error, in units of the target."""
    return float(np.sqrt(np.square(truth - said).mean())) if truth.size else None


def mape(truth: np.ndarray, said: np.ndarray) -> float | None:
    """Mean of |error / truth|, as a share of 1, over the rows whose truth is not 0; None without any."""
    some = truth != 0
    return float(np.abs((truth[some] - said[some]) / truth[some]).mean()) if some.any() else None


def smape(truth: np.ndarray, said: np.ndarray) -> float | None:
    """Mean of 2 |error| / (|truth| + |forecast|), from 0 to 2; right forecasts of 0 count 0.

    Makridakis, Accuracy measures: theoretical and practical concerns (1993), as in the M4 competition.
    """
    if not truth.size:
        return None
    both = np.abs(truth) + np.abs(said)
    shares = np.divide(2 * np.abs(truth - said), both, out=np.zeros(both.shape), where=both > 0)
    return float(shares.mean())


def naive_error(values: np.ndarray, season: int) -> float | None:
    """Mean absolute error of saying the value of a season before, within the values; None when they are too few."""
    return float(np.abs(values[season:] - values[:-season]).mean()) if len(values) > season else None


def mase(truth: np.ndarray, said: np.ndarray, naive: float | None) -> float | None:
    """Mean absolute error as a multiple of the seasonal naive error within the train rows; below 1 beats it.

    None when the naive error is 0: the series repeats itself exactly. Hyndman and Koehler, Another look at measures of
    forecast accuracy (2006).
    """
    error = mae(truth, said)
    return None if error is None or not naive else error / naive


def quantile_loss(truth: np.ndarray, said: np.ndarray, quantile: float) -> float | None:
    """Mean pinball loss: an error below costs `quantile`, one above 1 - `quantile`, each times its size.

    Koenker and Bassett, Regression quantiles (1978).
    """
    if not truth.size:
        return None
    error = truth - said
    return float(np.maximum(quantile * error, (quantile - 1) * error).mean())


def mean_quantile_loss(truth: np.ndarray, said: np.ndarray, quantiles: tuple[float, ...]) -> float | None:
    """The mean of the pinball losses; `said` has one more axis, the quantiles, at the end."""
    if not truth.size:
        return None
    losses = [quantile_loss(truth, said[..., k], q) for k, q in enumerate(quantiles)]
    return float(np.mean([loss for loss in losses if loss is not None]))


def mean_mase(truth: np.ndarray, said: np.ndarray, ahead: Ahead) -> float | None:
    """The mean over the series of their MASE; None when it has none for any."""
    places = [(place, ahead.series == place) for place in np.unique(ahead.series)]
    found = [mase(truth[mine], said[mine], known(ahead.naive[place])) for place, mine in places]
    scaled = [value for value in found if value is not None]
    return float(np.mean(scaled)) if scaled else None


def known(naive: float) -> float | None:
    """A naive error out of an array, where what is not known is NaN."""
    return None if np.isnan(naive) else float(naive)


def coverage(truth: np.ndarray, said: np.ndarray) -> float | None:
    """The share of true values at or below what a quantile said, from 0 to 1."""
    return float((truth <= said).mean()) if truth.size else None


def coverage_error(truth: np.ndarray, said: np.ndarray, quantiles: tuple[float, ...]) -> float | None:
    """Mean distance of the shares from the quantiles; `said` has one more axis, the quantiles, at the end.

    Where values equal the quantile, any share between those below it and those at or below it is right.
    """
    if not truth.size:
        return None
    return float(np.mean([_missed(truth, said[..., k], q) for k, q in enumerate(quantiles)]))


def _missed(truth: np.ndarray, said: np.ndarray, quantile: float) -> float:
    below, at = float((truth < said).mean()), float((truth <= said).mean())
    return max(quantile - at, below - quantile, 0.0)
