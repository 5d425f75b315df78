"""Gradient boosting by LightGBM."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from penstock.core.algorithm import Algorithm, Amount, Count, MaybeCount


class Lightgbm(Algorithm):
    """Grows trees one after another, each correcting the ones before. Usually the best on tables, and quick.

    Example:
        type: lightgbm
        trees: 200
        learning_rate: {low: 0.02, high: 0.3, log: true}
        leaves: [15, 31, 63]
    """

    LABEL: ClassVar[str] = "LightGBM"

    trees: Count = Field(default=100, description="Number of trees (per class, with several classes).")
    learning_rate: Amount = Field(default=0.1, description="How much of each correction is believed.")
    leaves: Count = Field(default=31, description="Leaves of a tree, at most.")
    max_depth: MaybeCount = Field(default=None, description="Questions from the root to a leaf, at most.")
    min_leaf: Count = Field(default=20, description="Train rows in a leaf, at least.")
    row_share: Amount = Field(default=1.0, description="Share of the rows each tree sees.")
    column_share: Amount = Field(default=1.0, description="Share of the columns each tree sees.")
    l1: Amount = Field(default=0.0, description="Penalty on the absolute values of the leaves.")
    l2: Amount = Field(default=0.0, description="Penalty on the squares of the leaves.")

    def estimator(self, prediction_type: str, *, seed: int, threads: int) -> Any:
        import lightgbm

        make = lightgbm.LGBMRegressor if prediction_type == "regression" else lightgbm.LGBMClassifier
        return make(
            n_estimators=self.trees,
            learning_rate=self.learning_rate,
            num_leaves=self.leaves,
            max_depth=-1 if self.max_depth is None else self.max_depth,
            min_child_samples=self.min_leaf,
            subsample=self.row_share,
            subsample_freq=0 if self.row_share == 1 else 1,
            colsample_bytree=self.column_share,
            reg_alpha=self.l1,
            reg_lambda=self.l2,
            random_state=seed,
            n_jobs=threads,
            deterministic=True,  # with row-wise histograms: the same trees for every number of threads
            force_row_wise=True,
            verbosity=-1,
        )
