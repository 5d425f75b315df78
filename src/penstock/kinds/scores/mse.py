"""Mean squared error."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.score import Guess, Score

if TYPE_CHECKING:
    import numpy as np


class Mse(Score):
    """Mean squared error, in squared units of the target.

    Example:
        type: mse
    """

    CODE: ClassVar[str] = "mse"
    LABEL: ClassVar[str] = "MSE"
    SERVES: ClassVar[frozenset[str]] = frozenset({"regression"})
    GREATER_IS_BETTER: ClassVar[bool] = False

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        from penstock.ml import measures

        return measures.mean((truth - guess.label) ** 2, measures.weights_of(guess))
