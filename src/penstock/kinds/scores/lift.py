"""Lift."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.score import Guess, Score

if TYPE_CHECKING:
    import numpy as np


class Lift(Score):
    """How many times more positives there are among the most probable 40 % (or lift_at) than among all rows.

    Example:
        type: lift
    """

    CODE: ClassVar[str] = "lift"
    LABEL: ClassVar[str] = "Lift"
    SERVES: ClassVar[frozenset[str]] = frozenset({"binary"})
    FOLLOWS_SHARE: ClassVar[bool] = True
    NEEDS_PROBA: ClassVar[bool] = True

    def score(self, truth: np.ndarray, guess: Guess) -> float | None:
        from penstock.ml import measures

        ranked = measures.positive_ranking(truth, guess)
        return None if ranked is None else measures.lift(ranked, guess.settings.lift_at)
