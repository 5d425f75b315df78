"""Explained variance score."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.score import Guess, Score

if TYPE_CHECKING:
    import numpy as np


class Evs(Score):
    """Like R2, but a constant error is forgiven.

    Example:
        type: evs
    """

    CODE: ClassVar[str] = "evs"
    LABEL: ClassVar[str] = "Explained variance score"
    SERVES: ClassVar[frozenset[str]] = frozenset({"regression"})

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        from penstock.ml import measures

        weights = measures.weights_of(guess)
        spread = measures.variance(truth, weights)
        left = measures.variance(truth - guess.label, weights)
        return None if not spread or left is None else 1.0 - left / spread
