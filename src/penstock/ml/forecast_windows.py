"""Places in series to forecast from, as arrays; numbers relative to the level and spread of their own last rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from penstock.core.forecasting import ForecastDesign, Windows
from penstock.ml import series as rows
from penstock.ml import time_steps, time_zones
from penstock.ml.series import Series


@dataclass(frozen=True, slots=True)
class Framed:
    """n windows, and what makes their numbers those of the target again: value = level + spread · relative.

    level, spread  (n, 1) floats; spread > 0
    """

    windows: Windows
    level: np.ndarray
    spread: np.ndarray

    def restored(self, relative: np.ndarray) -> np.ndarray:
        return self.level + self.spread * relative

    def relative(self, values: np.ndarray) -> np.ndarray:
        return (values - self.level) / self.spread

    def __len__(self) -> int:
        return len(self.windows.past)


@dataclass(frozen=True, slots=True)
class Known(Framed):
    """Windows of which it is known how they went on.

    truth  (n, horizon) floats in the target's units
    of     (n,) which series each is of
    at     (n,) how many rows of it lie before
    """

    truth: np.ndarray
    of: np.ndarray
    at: np.ndarray


def known(many: Sequence[Series], design: ForecastDesign, ends: Sequence[np.ndarray]) -> Known:
    """Windows whose next `horizon` values are known; `ends` gives of each series how many rows lie before them."""
    window, horizon = design.window_steps, design.horizon
    past, truth, times, externals, of = [], [], [], [], []
    for place, (one, at) in enumerate(zip(many, ends, strict=True)):
        back, ahead = at[:, None] + np.arange(-window, 0), at[:, None] + np.arange(horizon)
        past.append(one.values[back])
        truth.append(one.values[ahead])
        times.append(one.times[ahead])
        externals.append(one.externals[ahead])
        of.append(np.full(len(at), place))
    framed = _framed(np.concatenate(past), np.concatenate(times), np.concatenate(externals), design)
    return Known(
        framed.windows, framed.level, framed.spread, np.concatenate(truth), np.concatenate(of), np.concatenate(ends)
    )  # fmt: skip


def last(many: Sequence[Series], design: ForecastDesign) -> tuple[Framed, np.ndarray]:
    """The window at the end of each series, and the (n, horizon) instants to forecast. Raises Invalid where externals
    of them are missing."""
    found = [rows.ahead(one, design) for one in many]
    times = np.stack([t for t, _ in found])
    past = np.stack([one.values[-design.window_steps :] for one in many])
    return _framed(past, times, np.stack([e for _, e in found]), design), times


def _framed(past: np.ndarray, times: np.ndarray, externals: np.ndarray, design: ForecastDesign) -> Framed:
    season = design.season_steps
    level = past.mean(axis=1, keepdims=True)
    spread = np.abs(past[:, season:] - past[:, :-season]).mean(axis=1, keepdims=True)
    flat = np.maximum(np.abs(past - level).mean(axis=1, keepdims=True), np.abs(level) * 1e-3)
    spread = np.where(spread > 0, spread, np.where(flat > 0, flat, 1.0))
    windows = Windows((past - level) / spread, time_steps.calendar(_walls(times, design)), externals, season)
    return Framed(windows, level, spread)


def _walls(times: np.ndarray, design: ForecastDesign) -> np.ndarray:
    return time_zones.walls(times.reshape(-1), design).reshape(times.shape)
