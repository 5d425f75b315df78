"""Multiclass calibration loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.score import Guess, Score

if TYPE_CHECKING:
    import numpy as np


class McalibrationLoss(Score):
    """Calibration loss of each class against all others, averaged.

    Example:
        type: mcalibration_loss
    """

    CODE: ClassVar[str] = "mcalibrationLoss"
    LABEL: ClassVar[str] = "Multiclass calibration loss"
    SERVES: ClassVar[frozenset[str]] = frozenset({"multiclass"})
    FOLLOWS_SHARE: ClassVar[bool] = True
    GREATER_IS_BETTER: ClassVar[bool] = False
    NEEDS_PROBA: ClassVar[bool] = True

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        from penstock.ml import measures

        if guess.proba is None:
            return None
        proba, weights = guess.proba, measures.weights_of(guess)
        return measures.one_vs_all(
            truth, guess, lambda hit, k: measures.calibration_loss(hit, proba[:, k], weights)
        )
