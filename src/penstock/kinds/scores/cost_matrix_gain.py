"""Cost matrix gain."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.score import Guess, Score

if TYPE_CHECKING:
    import numpy as np


class CostMatrixGain(Score):
    """Average gain per row, by the gains you give to hits, misses and false alarms.

    Example:
        type: cost_matrix_gain
    """

    CODE: ClassVar[str] = "costMatrixGain"
    LABEL: ClassVar[str] = "Cost matrix gain"
    SERVES: ClassVar[frozenset[str]] = frozenset({"binary"})
    FOLLOWS_SHARE: ClassVar[bool] = True
    NEEDS_LABEL: ClassVar[bool] = True

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        from penstock.ml import measures

        found = measures.counts(truth, guess.label, measures.weights_of(guess))
        return found.gain(guess.settings.cost_matrix)
