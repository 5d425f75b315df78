"""Area under the ROC curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.score import Guess, Score

if TYPE_CHECKING:
    import numpy as np


class Auc(Score):
    """Chance that a positive row gets a higher probability than a negative one; 0.5 is a coin.

    Example:
        type: auc
    """

    CODE: ClassVar[str] = "auc"
    LABEL: ClassVar[str] = "ROC AUC"
    SERVES: ClassVar[frozenset[str]] = frozenset({"binary"})
    NEEDS_PROBA: ClassVar[bool] = True

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        from penstock.ml import measures

        ranked = measures.positive_ranking(truth, guess)
        return None if ranked is None else measures.roc_area(ranked)
