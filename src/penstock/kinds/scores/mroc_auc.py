"""ROC AUC over several classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.score import Guess, Score

if TYPE_CHECKING:
    import numpy as np


class MrocAuc(Score):
    """ROC AUC of each class against all others, averaged.

    Example:
        type: mroc_auc
    """

    CODE: ClassVar[str] = "mrocAUC"
    LABEL: ClassVar[str] = "MROC AUC"
    SERVES: ClassVar[frozenset[str]] = frozenset({"multiclass"})
    NEEDS_PROBA: ClassVar[bool] = True

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        from penstock.ml import measures

        if guess.proba is None:
            return None
        proba, weights = guess.proba, measures.weights_of(guess)
        return measures.one_vs_all(
            truth, guess, lambda hit, k: measures.roc_area(measures.ranking(hit, proba[:, k], weights))
        )
