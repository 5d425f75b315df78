"""Root mean squared logarithmic error."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.score import Guess, Score

if TYPE_CHECKING:
    import numpy as np


class Rmsle(Score):
    """Root mean squared error of log(1 + value); none when a value is below 0.

    Example:
        type: rmsle
    """

    CODE: ClassVar[str] = "rmsle"
    LABEL: ClassVar[str] = "RMSLE"
    SERVES: ClassVar[frozenset[str]] = frozenset({"regression"})
    GREATER_IS_BETTER: ClassVar[bool] = False

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        import numpy as np

        from penstock.ml import measures

        if len(truth) and min(truth.min(), guess.label.min()) < 0:
            return None
        error = measures.mean((np.log1p(truth) - np.log1p(guess.label)) ** 2, measures.weights_of(guess))
        return None if error is None else float(error**0.5)
