"""Extra trees."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from penstock.core.algorithm import Algorithm, Count, MaybeCount

Columns = Literal["sqrt", "log2", "all"]


class ExtraTrees(Algorithm):
    """Many trees with random cuts vote: quicker to grow than a random forest, smoother answers.

    Example:
        type: extra_trees
        trees: 200
        min_leaf: {low: 1, high: 50, log: true}
    """

    LABEL: ClassVar[str] = "Extra trees"

    trees: Count = Field(default=100, description="Number of trees.")
    max_depth: MaybeCount = Field(default=13, description="Questions from the root to a leaf, at most.")
    min_leaf: Count = Field(default=10, description="Train rows in a leaf, at least.")
    columns: Columns | tuple[Columns, ...] = Field(
        default="sqrt", description="How many columns each question chooses from."
    )

    def estimator(self, prediction_type: str, *, seed: int, threads: int) -> Any:
        from sklearn import ensemble

        regression = prediction_type == "regression"
        make = ensemble.ExtraTreesRegressor if regression else ensemble.ExtraTreesClassifier
        return make(
            n_estimators=self.trees,
            max_depth=self.max_depth,
            min_samples_leaf=self.min_leaf,
            max_features=None if self.columns == "all" else self.columns,
            random_state=seed,
            n_jobs=threads,
        )
