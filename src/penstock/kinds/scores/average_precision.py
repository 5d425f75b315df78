"""Average precision."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.score import Guess, Score

if TYPE_CHECKING:
    import numpy as np


class AveragePrecision(Score):
    """Area under the precision-recall curve. With several classes: one against all, averaged.

    Example:
        type: average_precision
    """

    CODE: ClassVar[str] = "averagePrecision"
    LABEL: ClassVar[str] = "Average precision"
    SERVES: ClassVar[frozenset[str]] = frozenset({"binary", "multiclass"})
    FOLLOWS_SHARE: ClassVar[bool] = True
    NEEDS_PROBA: ClassVar[bool] = True

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        from penstock.ml import measures

        if guess.proba is None:
            return None
        proba, weights = guess.proba, measures.weights_of(guess)
        if len(guess.classes) == 2:
            return measures.average_precision(measures.ranking(truth, proba[:, 1], weights))
        return measures.one_vs_all(
            truth,
            guess,
            lambda hit, k: measures.average_precision(measures.ranking(hit, proba[:, k], weights)),
        )
