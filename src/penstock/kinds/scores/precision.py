"""Precision."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.score import Guess, Score

if TYPE_CHECKING:
    import numpy as np


class Precision(Score):
    """Of the rows predicted positive, the share that is. With several classes: one against all, averaged.

    Example:
        type: precision
    """

    CODE: ClassVar[str] = "precision"
    LABEL: ClassVar[str] = "Precision"
    SERVES: ClassVar[frozenset[str]] = frozenset({"binary", "multiclass"})
    FOLLOWS_SHARE: ClassVar[bool] = True
    NEEDS_LABEL: ClassVar[bool] = True

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        from penstock.ml import measures

        if len(guess.classes) == 2:
            return measures.counts(truth, guess.label, measures.weights_of(guess)).precision
        return measures.one_vs_all(
            truth, guess, lambda hit, k: measures.label_counts(hit, guess, k).precision or 0.0
        )
