"""Logistic regression."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from penstock.core.algorithm import Algorithm, Amount, Count


class LogisticRegression(Algorithm):
    """Classifies with a weighted sum of the features; each weight can be read. Quick, and hard to beat by much.

    Example:
        type: logistic_regression
        c: [0.01, 0.1, 1]
    """

    LABEL: ClassVar[str] = "Logistic regression"
    SERVES: ClassVar[frozenset[str]] = frozenset({"binary", "multiclass"})

    c: Amount = Field(default=1.0, description="Inverse strength of the penalty; small keeps weights small.")
    l1_ratio: Amount = Field(default=0.0, description="0: ridge penalty; 1: lasso penalty; between: both.")
    max_iterations: Count = Field(default=1000, description="Steps of the solver, at most.")

    def estimator(self, prediction_type: str, *, seed: int, threads: int) -> Any:
        from sklearn.linear_model import LogisticRegression as Estimator

        solver = "lbfgs" if self.l1_ratio == 0 else "saga"
        return Estimator(
            C=self.c, l1_ratio=self.l1_ratio, solver=solver, max_iter=self.max_iterations, random_state=seed
        )
