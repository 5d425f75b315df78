"""Evaluate: how good a model is on fresh rows, and how far they drifted from its test set."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field, model_validator

from penstock.core.names import InputDataset, InputModel, OutputDataset, OutputStore
from penstock.kinds.recipes._evaluation import EvaluationRecipe

if TYPE_CHECKING:
    from penstock.core.contexts import RecipeContext


class Evaluate(EvaluationRecipe):
    """Measures a model on a dataset: performance where the truth is known, drift always.

    Drift compares the rows with the test set the version was trained with. Without ground truth, switch
    `skip_performance` on. At least one of the three outputs is needed. A forecast is judged on the rows that came
    after those it learned; the dataset holds them and the rows before.

    Example:
        type: evaluate
        input: transactions_may
        model: authorized
        store: mes_for_ground_truth
        sampling: {type: random_approximate_number}
        labels: {period: "${period}"}
    """

    MAIN: ClassVar[tuple[str, ...]] = (
        "input", "model", "store", "skip_performance", "sampling",
        "labels", "evaluation_name", "output", "metrics",
    )  # fmt: skip

    input: InputDataset = Field(description="Rows to evaluate on.")
    model: InputModel = Field(description="The saved model.")
    store: OutputStore | None = Field(default=None, description="Evaluation store: one evaluation a run.")
    output: OutputDataset | None = Field(
        default=None, description="Dataset: the rows with predictions, right or wrong."
    )
    metrics: OutputDataset | None = Field(default=None, description="Dataset: one row of metrics a run.")
    version: str = Field(default="", description="Id of a version; the active one when empty.")
    skip_scoring: bool = Field(
        default=False, description="Use the predictions already there: column `prediction`, and `proba_*`."
    )
    api_node_logs: bool = Field(
        default=False,
        description="The rows are queries logged by an API node: message.features.*, message.result.*",
    )
    judged_from: str = Field(
        default="",
        description="Forecasts: rows from this date on are judged, such as 2024-07-01; all that the version has not "
        "learned when empty. With one date two versions are judged on the same rows.",
    )
    output_probabilities: bool = Field(
        default=True, description="In the output dataset; of forecasts the quantiles."
    )
    output_correctness: bool = Field(
        default=True,
        description="Output dataset: `prediction_correct`, or the error columns of a regression.",
    )
    metrics_to_save: tuple[str, ...] | None = Field(
        default=None, description="Metric ids for the metrics dataset; all when left out. The store has all."
    )

    @model_validator(mode="after")
    def _writes_something(self) -> Self:
        if not (self.store or self.output or self.metrics):
            raise ValueError(
                "An evaluation needs an output: a store, an output dataset or a metrics dataset."
            )
        return self

    def run(self, ctx: RecipeContext) -> None:
        from penstock.kinds.recipes import _evaluating

        _evaluating.evaluate(self, ctx)
