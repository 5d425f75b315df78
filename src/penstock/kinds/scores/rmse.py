"""Root mean squared error."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.score import Guess, Score

if TYPE_CHECKING:
    import numpy as np


class Rmse(Score):
    """Root of the mean squared error, in units of the target: large errors weigh more.

    Example:
        type: rmse
    """

    CODE: ClassVar[str] = "rmse"
    LABEL: ClassVar[str] = "RMSE"
    SERVES: ClassVar[frozenset[str]] = frozenset({"regression", "forecast"})
    GREATER_IS_BETTER: ClassVar[bool] = False

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        from penstock.ml import measures

        error = measures.mean((truth - guess.label) ** 2, measures.weights_of(guess))
        return None if error is None else float(error**0.5)
