"""Gradient boosting on the last values, the calendar and externals."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.core.forecasting import Continued, Forecaster, Windows

if TYPE_CHECKING:
    import numpy as np


class GradientBoosting(Forecaster):
    """Grows LightGBM trees over all series and all steps at once: each step of the horizon is a row that knows how far
    ahead it is, the last values, those one and two seasons before, the calendar and the externals of its day.

    Example:
        type: gradient_boosting
        trees: 200
        learning_rate: 0.05
    """

    LABEL: ClassVar[str] = "Gradient boosting"

    trees: int = Field(default=150, ge=1, le=10_000, description="Number of trees.")
    learning_rate: float = Field(
        default=0.06, gt=0, le=1, description="How much of each correction is believed."
    )
    leaves: int = Field(default=15, ge=2, le=1000, description="Leaves of a tree, at most.")
    min_leaf: int = Field(default=20, ge=1, description="Train rows in a leaf, at least.")
    l2: float = Field(default=0.0, ge=0, description="Penalty on the squares of the leaves.")

    def learn(self, windows: Windows, wanted: np.ndarray, *, seed: int) -> str:
        from penstock.ml import forecast_booster

        return forecast_booster.learn(windows, wanted, seed=seed, settings={
            "n_estimators": self.trees, "learning_rate": self.learning_rate, "num_leaves": self.leaves,
            "min_child_samples": self.min_leaf, "reg_lambda": self.l2,
        })  # fmt: skip

    def opened(self, text: str, like: Windows, *, native: bool) -> Continued:
        from penstock.ml import forecast_booster

        return forecast_booster.opened(text, like, native=native)
