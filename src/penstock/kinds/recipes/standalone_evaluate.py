"""Standalone evaluate: the same for rows somebody else's model has scored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from penstock.core.names import InputDataset, OutputStore
from penstock.core.score import MetricSettings, PredictionType
from penstock.kinds.recipes._evaluation import EvaluationRecipe

if TYPE_CHECKING:
    from penstock.core.contexts import RecipeContext


class StandaloneEvaluate(EvaluationRecipe):
    """Measures predictions that are already in a dataset, and drift from a reference dataset. No model is needed.

    Example:
        type: standalone_evaluate
        input: scored_elsewhere
        reference: scored_last_year
        store: mes_elsewhere
        prediction_type: binary
        target: authorized_flag
        prediction: prediction
        classes: ["0", "1"]
        probabilities: {"0": proba_0, "1": proba_1}
    """

    input: InputDataset = Field(description="Rows with predictions.")
    reference: InputDataset | None = Field(default=None, description="Rows to measure drift from.")
    store: OutputStore = Field(description="Evaluation store: one evaluation a run.")
    has_model: bool = Field(default=True, description="Off: pure data drift, no prediction column is needed.")
    prediction_type: PredictionType = Field(default="binary", description="What was predicted.")
    prediction: str = Field(default="", description="Column with the predictions.")
    target: str = Field(
        default="", description="Column with the truth; needed unless performance is skipped."
    )
    weight: str = Field(default="", description="Column with the weight of each row.")
    classes: tuple[str, ...] = Field(
        default=(), description="Classification: all classes; the last is the positive one of two."
    )
    probabilities: dict[str, str] = Field(
        default_factory=dict, description="Class → column with its probability; none: not aware of them."
    )
    threshold: Annotated[float, Field(ge=0, le=1)] | None = Field(
        default=None, description="Binary with probabilities: a forced cut-off; the best F1 when left out."
    )
    empty_prediction: str = Field(
        default="", description="Multiclass: the class an empty prediction stands for; left out when empty."
    )
    metric_settings: MetricSettings = Field(
        default=MetricSettings(), description="Gains, lift point, averaging over classes."
    )
    fails_on_metric_errors: bool = Field(
        default=True, description="Off: a metric that cannot be computed is a diagnostic, not a failure."
    )
    features: dict[str, bool] = Field(
        default_factory=dict, description="Column → whether it is a feature; columns not listed are."
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.has_model:
            return self
        if not self.prediction and not (self.probabilities and self.prediction_type == "binary"):
            raise ValueError("With a model, the prediction column is needed. Or switch has_model off.")
        if not self.target and not self.skip_performance:
            raise ValueError("Performance needs the target column. Or switch skip_performance on.")
        if self.prediction_type != "regression" and not self.classes:
            raise ValueError("Classification needs its classes.")
        return self

    def run(self, ctx: RecipeContext) -> None:
        from penstock.kinds.recipes._standalone import evaluate

        evaluate(self, ctx)
