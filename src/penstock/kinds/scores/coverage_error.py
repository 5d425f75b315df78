"""Coverage error of quantiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.score import Guess, Score

if TYPE_CHECKING:
    import numpy as np


class CoverageError(Score):
    """How far the quantiles of forecasts miss what they promise: nine in ten values should lie at or below that of 0.9.

    The mean over the quantiles of |share of true values at or below it - quantile|, from 0.

    Example:
        type: coverage_error
    """

    CODE: ClassVar[str] = "coverageError"
    LABEL: ClassVar[str] = "Coverage error"
    SERVES: ClassVar[frozenset[str]] = frozenset({"forecast"})
    GREATER_IS_BETTER: ClassVar[bool] = False

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        from penstock.ml import forecast_measures as measures

        told = guess.ahead
        if told is None or told.quantiles is None:
            return None
        return measures.coverage_error(truth, told.quantiles, told.levels)
