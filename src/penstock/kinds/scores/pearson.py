"""Pearson's correlation."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.score import Guess, Score

if TYPE_CHECKING:
    import numpy as np


class Pearson(Score):
    """Linear correlation between true and predicted values; none when one of them is constant.

    Example:
        type: pearson
    """

    CODE: ClassVar[str] = "pearson"
    LABEL: ClassVar[str] = "Correlation"
    SERVES: ClassVar[frozenset[str]] = frozenset({"regression"})

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        from penstock.ml import measures

        weights = measures.weights_of(guess)
        spreads = [measures.variance(values, weights) for values in (truth, guess.label)]
        if not all(spreads):
            return None
        centred = [values - (measures.mean(values, weights) or 0.0) for values in (truth, guess.label)]
        together = measures.mean(centred[0] * centred[1], weights) or 0.0
        value = together / float((spreads[0] or 1.0) * (spreads[1] or 1.0)) ** 0.5
        return max(-1.0, min(1.0, value))
