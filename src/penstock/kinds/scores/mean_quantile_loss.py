"""Mean quantile loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.score import Guess, Score

if TYPE_CHECKING:
    import numpy as np


class MeanQuantileLoss(Score):
    """How far the quantiles of forecasts are off: the mean of their pinball losses, in units of the target.

    Example:
        type: mean_quantile_loss
    """

    CODE: ClassVar[str] = "meanQuantileLoss"
    LABEL: ClassVar[str] = "Mean quantile loss"
    SERVES: ClassVar[frozenset[str]] = frozenset({"forecast"})
    GREATER_IS_BETTER: ClassVar[bool] = False

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        from penstock.ml import forecast_measures as measures

        told = guess.ahead
        if told is None or told.quantiles is None:
            return None
        return measures.mean_quantile_loss(truth, told.quantiles, told.levels)
