"""Ridge regression."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from penstock.core.algorithm import Algorithm, Amount


class Ridge(Algorithm):
    """Predicts a number with a weighted sum of the features, weights kept small together.

    Example:
        type: ridge
        alpha: {low: 0.001, high: 100, log: true}
    """

    LABEL: ClassVar[str] = "Ridge regression"
    SERVES: ClassVar[frozenset[str]] = frozenset({"regression"})

    alpha: Amount = Field(default=1.0, description="Strength of the penalty; 0 is ordinary least squares.")

    def estimator(self, prediction_type: str, *, seed: int, threads: int) -> Any:
        from sklearn.linear_model import Ridge as Estimator

        return Estimator(alpha=self.alpha, random_state=seed)
