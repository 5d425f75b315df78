"""Log loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.score import Guess, Score

if TYPE_CHECKING:
    import numpy as np


class LogLoss(Score):
    """Mean of −log of the probability given to the true class: punishes being sure and wrong.

    Example:
        type: log_loss
    """

    CODE: ClassVar[str] = "logLoss"
    LABEL: ClassVar[str] = "Log loss"
    SERVES: ClassVar[frozenset[str]] = frozenset({"binary", "multiclass"})
    FOLLOWS_SHARE: ClassVar[bool] = True
    GREATER_IS_BETTER: ClassVar[bool] = False
    NEEDS_PROBA: ClassVar[bool] = True

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        import numpy as np

        from penstock.ml import measures

        if guess.proba is None:
            return None
        given = guess.proba[np.arange(len(truth)), truth]
        losses = -np.log(np.clip(given, np.finfo(np.float64).eps, 1.0))
        return measures.mean(losses, measures.weights_of(guess))
