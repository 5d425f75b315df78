"""Hamming loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.score import Guess, Score

if TYPE_CHECKING:
    import numpy as np


class HammingLoss(Score):
    """Share of the rows whose class was predicted wrong.

    Example:
        type: hamming_loss
    """

    CODE: ClassVar[str] = "hammingLoss"
    LABEL: ClassVar[str] = "Hamming loss"
    SERVES: ClassVar[frozenset[str]] = frozenset({"multiclass"})
    FOLLOWS_SHARE: ClassVar[bool] = True
    GREATER_IS_BETTER: ClassVar[bool] = False
    NEEDS_LABEL: ClassVar[bool] = True

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        from penstock.ml import measures

        return measures.mean((truth != guess.label) * 1.0, measures.weights_of(guess))
