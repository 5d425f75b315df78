"""R2."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.score import Guess, Score

if TYPE_CHECKING:
    import numpy as np


class R2(Score):
    """Share of the target's variance that is explained: 1 is perfect, 0 no better than the mean.

    Example:
        type: r2
    """

    CODE: ClassVar[str] = "r2"
    LABEL: ClassVar[str] = "R2"
    SERVES: ClassVar[frozenset[str]] = frozenset({"regression"})

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        from penstock.ml import measures

        weights = measures.weights_of(guess)
        spread = measures.variance(truth, weights)
        error = measures.mean((truth - guess.label) ** 2, weights)
        return None if not spread or error is None else 1.0 - error / spread
