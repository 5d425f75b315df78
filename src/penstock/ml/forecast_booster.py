"""LightGBM for series: every step of every window becomes a row, so that one model answers for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from penstock.core.errors import UntrustedModel
from penstock.core.forecasting import Continued, Windows
from penstock.ml import booster_text, native_booster

LAGS = 14
"""How many of the very last values each row knows."""


def learn(windows: Windows, wanted: np.ndarray, *, seed: int, settings: Mapping[str, Any]) -> str:
    """LightGBM's text of trees that answer with `wanted`, (n, horizon)."""
    import lightgbm

    model = lightgbm.LGBMRegressor(
        **settings, random_state=seed, n_jobs=1, deterministic=True, force_row_wise=True, verbosity=-1
    )
    model.fit(matrix(windows), wanted.reshape(-1))
    return str(model.booster_.model_to_string())


def opened(text: str, like: Windows, *, native: bool) -> Continued:
    """What answers with that text. Raises UntrustedModel when it does not fit such windows."""
    if not text:
        raise UntrustedModel("The version holds no trees.")
    width = matrix(like).shape[1]
    read = native_booster.open_booster if native else booster_text.open_booster
    booster = read(text, "regression", width=width, classes=0)

    def answer(windows: Windows) -> np.ndarray:
        said = np.asarray(booster.predict(matrix(windows), num_threads=1), dtype=np.float64)
        return said.reshape(len(windows.past), windows.horizon)

    return answer


def matrix(windows: Windows) -> np.ndarray:
    """(n · horizon, width): of each step how far ahead it is, the last values, those of the seasons before, means of
    the window, the calendar and the externals."""
    past, season, horizon = windows.past, windows.season, windows.horizon
    n, length = past.shape
    last = past[:, -min(LAGS, length) :]
    lately = past[:, -min(season, length) :]
    alike = np.column_stack([last, lately.mean(axis=1), lately.std(axis=1), past[:, 0] - past[:, -1]])
    steps = np.arange(horizon)
    before = [past[:, np.maximum(length - season * k + steps % season, 0)] for k in (1, 2)]
    by_step = np.stack([np.broadcast_to(steps + 1.0, (n, horizon)), *before], axis=2)
    return np.concatenate(
        [np.repeat(alike[:, None, :], horizon, axis=1), by_step, windows.calendar, windows.externals], axis=2
    ).reshape(n * horizon, -1)
