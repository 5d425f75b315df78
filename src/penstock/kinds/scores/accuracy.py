"""Accuracy."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.score import Guess, Score

if TYPE_CHECKING:
    import numpy as np


class Accuracy(Score):
    """Share of the rows whose class was predicted right.

    Example:
        type: accuracy
    """

    CODE: ClassVar[str] = "accuracy"
    LABEL: ClassVar[str] = "Accuracy"
    SERVES: ClassVar[frozenset[str]] = frozenset({"binary", "multiclass"})
    FOLLOWS_SHARE: ClassVar[bool] = True
    NEEDS_LABEL: ClassVar[bool] = True

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        from penstock.ml import measures

        return measures.mean((truth == guess.label) * 1.0, measures.weights_of(guess))
