"""Mean absolute percentage error."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.score import Guess, Score

if TYPE_CHECKING:
    import numpy as np


class Mape(Score):
    """Mean absolute error as a share of the true value; rows whose true value is 0 are left out.

    Example:
        type: mape
    """

    CODE: ClassVar[str] = "mape"
    LABEL: ClassVar[str] = "MAPE"
    SERVES: ClassVar[frozenset[str]] = frozenset({"regression", "forecast"})
    GREATER_IS_BETTER: ClassVar[bool] = False

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        from penstock.ml import measures

        some = truth != 0
        errors = abs((truth - guess.label)[some] / truth[some])
        return measures.mean(errors, measures.weights_of(guess)[some])
