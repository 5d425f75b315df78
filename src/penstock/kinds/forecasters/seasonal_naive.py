"""The value of one season before."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.forecasting import Continued, Forecaster, Windows

if TYPE_CHECKING:
    import numpy as np


class SeasonalNaive(Forecaster):
    """Says that everything will be as it was a season before: next Monday as last Monday. What others must beat.

    Hyndman and Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), section 5.2.

    Example:
        type: seasonal_naive
    """

    LABEL: ClassVar[str] = "Seasonal naive"

    def learn(self, windows: Windows, wanted: np.ndarray, *, seed: int) -> str:
        return ""

    def opened(self, text: str, like: Windows, *, native: bool) -> Continued:
        return _as_before


def _as_before(windows: Windows) -> np.ndarray:
    season = windows.season
    places = [-season + step % season for step in range(windows.horizon)]
    return windows.past[:, places]
