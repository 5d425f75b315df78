"""Calibration loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.score import Guess, Score

if TYPE_CHECKING:
    import numpy as np


class CalibrationLoss(Score):
    """Mean distance between predicted probability and observed frequency, over ten bins; 0 is perfect.

    Example:
        type: calibration_loss
    """

    CODE: ClassVar[str] = "calibrationLoss"
    LABEL: ClassVar[str] = "Calibration loss"
    SERVES: ClassVar[frozenset[str]] = frozenset({"binary"})
    FOLLOWS_SHARE: ClassVar[bool] = True
    GREATER_IS_BETTER: ClassVar[bool] = False
    NEEDS_PROBA: ClassVar[bool] = True

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        from penstock.ml import measures

        if guess.proba is None:
            return None
        return measures.calibration_loss(truth, guess.proba[:, 1], measures.weights_of(guess))
