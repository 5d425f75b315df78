"""Symmetric mean absolute percentage error."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.score import Guess, Score

if TYPE_CHECKING:
    import numpy as np


class Smape(Score):
    """Absolute error as a share of the mean of forecast and truth, from 0 to 2; right forecasts of 0 count 0.

    Example:
        type: smape
    """

    CODE: ClassVar[str] = "smape"
    LABEL: ClassVar[str] = "sMAPE"
    SERVES: ClassVar[frozenset[str]] = frozenset({"forecast"})
    GREATER_IS_BETTER: ClassVar[bool] = False

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        from penstock.ml import forecast_measures as measures

        return measures.smape(truth, guess.label)
