"""Mean absolute scaled error."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.score import Guess, Score

if TYPE_CHECKING:
    import numpy as np


class Mase(Score):
    """Absolute error of forecasts as a multiple of that of saying the value a season before; the mean over the series.

    Below 1 it beats that. A series that repeats itself exactly is left out.

    Example:
        type: mase
    """

    CODE: ClassVar[str] = "mase"
    LABEL: ClassVar[str] = "MASE"
    SERVES: ClassVar[frozenset[str]] = frozenset({"forecast"})
    GREATER_IS_BETTER: ClassVar[bool] = False

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        from penstock.ml import forecast_measures as measures

        return measures.mean_mase(truth, guess.label, guess.ahead) if guess.ahead else None
