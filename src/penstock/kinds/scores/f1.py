"""F1."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.score import Guess, Score

if TYPE_CHECKING:
    import numpy as np


class F1(Score):
    """Harmonic mean of precision and recall. With several classes: one against all, averaged.

    Example:
        type: f1
    """

    CODE: ClassVar[str] = "f1"
    LABEL: ClassVar[str] = "F1"
    SERVES: ClassVar[frozenset[str]] = frozenset({"binary", "multiclass"})
    FOLLOWS_SHARE: ClassVar[bool] = True
    NEEDS_LABEL: ClassVar[bool] = True

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        from penstock.ml import measures

        if len(guess.classes) == 2:
            return measures.counts(truth, guess.label, measures.weights_of(guess)).f1
        return measures.one_vs_all(
            truth, guess, lambda hit, k: measures.label_counts(hit, guess, k).f1 or 0.0
        )
