"""Standalone evaluate: the same for rows somebody else's model has scored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Self

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

    MAIN: ClassVar[tuple[str, ...]] = (
        "input", "store", "reference", "prediction_type", "prediction", "target",
        "probabilities", "classes", "skip_performance", "sampling", "labels", "evaluation_name",
    )  # fmt: skip

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
        default=False, description="On: a metric that cannot be computed fails the run."
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
        if self.prediction_type != "regression":
            self._check_classes()
        return self

    def _check_classes(self) -> None:
        if len(self.classes) < 2 or (self.prediction_type == "binary" and len(self.classes) != 2):
            raise ValueError("Classification needs its classes: two when binary, the positive one last.")
        unknown = [c for c in (*self.probabilities, self.empty_prediction) if c and c not in self.classes]
        if unknown:
            raise ValueError(f"'{unknown[0]}' is none of the classes {', '.join(self.classes)}.")
        if self.probabilities and len(self.probabilities) != len(self.classes):
            raise ValueError("Give a probability column for every class, or for none.")

    def run(self, ctx: RecipeContext) -> None:
        from penstock.kinds.recipes import _standalone

        _standalone.evaluate(self, ctx)
