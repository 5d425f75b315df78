"""Mean absolute error."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.score import Guess, Score

if TYPE_CHECKING:
    import numpy as np


class Mae(Score):
    """Mean absolute error, in units of the target.

    Example:
        type: mae
    """

    CODE: ClassVar[str] = "mae"
    LABEL: ClassVar[str] = "MAE"
    SERVES: ClassVar[frozenset[str]] = frozenset({"regression", "forecast"})
    GREATER_IS_BETTER: ClassVar[bool] = False

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        from penstock.ml import measures

        return measures.mean(abs(truth - guess.label), measures.weights_of(guess))
