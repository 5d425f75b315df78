"""Nearest neighbours."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from penstock.core.algorithm import Algorithm, Count

Weights = Literal["uniform", "distance"]


class Knn(Algorithm):
    """Answers like the train rows nearest by. Keeps all train rows in the model; slow on large data.

    Example:
        type: knn
        neighbours: [5, 15, 45]
    """

    LABEL: ClassVar[str] = "Nearest neighbours"
    TAKES_WEIGHTS: ClassVar[bool] = False
    EXPENSIVE_TO_EXPLAIN: ClassVar[bool] = True

    neighbours: Count = Field(default=5, description="How many neighbours are asked.")
    weights: Weights | tuple[Weights, ...] = Field(
        default="uniform", description="All neighbours alike, or nearer ones more."
    )

    def estimator(self, prediction_type: str, *, seed: int, threads: int) -> Any:
        from sklearn import neighbors

        regression = prediction_type == "regression"
        make = neighbors.KNeighborsRegressor if regression else neighbors.KNeighborsClassifier
        return make(n_neighbors=self.neighbours, weights=self.weights, n_jobs=threads)
