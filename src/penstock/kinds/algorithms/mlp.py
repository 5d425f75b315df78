"""A small neural network."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from pydantic import Field

from penstock.core.algorithm import Algorithm, Amount, Count


class Mlp(Algorithm):
    """A neural network with a few hidden layers of equal width; wants rescaled numbers.

    Example:
        type: mlp
        layers: 2
        width: [32, 64, 128]
    """

    LABEL: ClassVar[str] = "Neural network"
    EXPENSIVE_TO_EXPLAIN: ClassVar[bool] = False

    layers: Count = Field(default=1, description="Hidden layers.")
    width: Count = Field(default=100, description="Units of each hidden layer.")
    alpha: Amount = Field(default=0.0001, description="Strength of the penalty on the weights.")
    learning_rate: Amount = Field(default=0.001, description="Size of the first steps.")
    max_passes: Count = Field(
        default=200, description="Passes over the rows, at most; it stops earlier by itself."
    )

    def estimator(self, prediction_type: str, *, seed: int, threads: int) -> Any:
        from sklearn import neural_network

        regression = prediction_type == "regression"
        make = neural_network.MLPRegressor if regression else neural_network.MLPClassifier
        width, layers = cast("int", self.width), cast("int", self.layers)
        return make(
            hidden_layer_sizes=[width] * layers,
            alpha=self.alpha,
            learning_rate_init=self.learning_rate,
            max_iter=self.max_passes,
            early_stopping=True,
            random_state=seed,
        )
