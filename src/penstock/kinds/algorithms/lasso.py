"""Lasso regression."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from penstock.core.algorithm import Algorithm, Amount, Count


class Lasso(Algorithm):
    """Predicts a number with a weighted sum of few features: the penalty sets the other weights to 0.

    Example:
        type: lasso
        alpha: [0.001, 0.01, 0.1, 1]
    """

    LABEL: ClassVar[str] = "Lasso regression"
    SERVES: ClassVar[frozenset[str]] = frozenset({"regression"})

    alpha: Amount = Field(default=0.1, description="Strength of the penalty, in units of the target.")
    max_iterations: Count = Field(default=10_000, description="Steps of the solver, at most.")

    def estimator(self, prediction_type: str, *, seed: int, threads: int) -> Any:
        from sklearn.linear_model import Lasso as Estimator

        return Estimator(alpha=self.alpha, max_iter=self.max_iterations, random_state=seed)
