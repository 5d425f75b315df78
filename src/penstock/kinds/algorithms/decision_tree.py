"""One decision tree."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from penstock.core.algorithm import Algorithm, Count, MaybeCount


class DecisionTree(Algorithm):
    """One tree of questions about the features, short enough to be read aloud.

    Example:
        type: decision_tree
        max_depth: [3, 5, 8]
    """

    LABEL: ClassVar[str] = "Decision tree"

    max_depth: MaybeCount = Field(default=5, description="Questions from the root to a leaf, at most.")
    min_leaf: Count = Field(default=1, description="Train rows in a leaf, at least.")

    def estimator(self, prediction_type: str, *, seed: int, threads: int) -> Any:
        from sklearn import tree

        make = tree.DecisionTreeRegressor if prediction_type == "regression" else tree.DecisionTreeClassifier
        return make(max_depth=self.max_depth, min_samples_leaf=self.min_leaf, random_state=seed)
