"""Saved models, and the facts about their versions. Exactly one version, or none, is active."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Self

from pydantic import Field, model_validator

from penstock.core import metric
from penstock.core.algorithm import Algorithm
from penstock.core.dataset import Observed
from penstock.core.design import Design
from penstock.core.environment import EnvironmentName
from penstock.core.errors import NoRowModel
from penstock.core.forecasting import ForecastDesign
from penstock.core.score import ModelTask, PredictionType


class SavedModel(Observed):
    """A model of the Flow: how it is designed and what a retrain does. Its versions are kept beside.

    Example:
        design:
          target: authorized_flag
          features: {transaction_id: reject}
        activation: manual
    """

    code_environment: EnvironmentName = Field(
        default="",
        description="Code environment of code about the model, such as custom metrics of its evaluations; the "
        "project's when empty.",
    )
    design: Design | None = Field(
        default=None, description="What to train; left out when versions are only imported."
    )
    forecast: ForecastDesign | None = Field(
        default=None,
        description="What to forecast, for a model that continues series in time; it has no `design` then.",
    )
    activation: Literal["automatic", "manual"] = Field(
        default="automatic", description="Whether a new version becomes the active one by itself."
    )
    search_again: bool = Field(
        default=True,
        description="A retrain searches anew; off: it keeps the active version's hyperparameters.",
    )
    threshold_again: bool = Field(
        default=True, description="A retrain finds the threshold anew; off: it keeps the active version's."
    )
    rebuild: Literal["normal", "explicit"] = Field(
        default="explicit",
        description="explicit: trained again only by a build that names it; normal: by recursion too.",
    )
    version_name: str = Field(
        default="", description="Base of the names of versions; the algorithm's name if empty."
    )
    version_labels: dict[str, str] = Field(
        default_factory=dict, description="Labels every new version gets; `${variables}` are filled in."
    )

    @model_validator(mode="after")
    def _one_design(self) -> Self:
        if self.design is not None and self.forecast is not None:
            raise ValueError(
                "A model either predicts rows (`design`) or continues series (`forecast`), not both."
            )
        return self

    @property
    def target(self) -> str:
        """The column it predicts or forecasts; empty when it is only imported."""
        found = self.design or self.forecast
        return found.target if found else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    """One trained or imported version: the header that lists show. The rest lies in its folder of files."""

    project: str
    model: str
    id: str
    name: str
    created_at: datetime
    prediction_type: ModelTask
    target: str
    algorithm: str
    created_by: str = ""
    origin: Literal["trained", "mlflow", "imported"] = "trained"
    classes: tuple[str, ...] = ()
    """Labels as text, in the model's order; the last is the positive one of a binary model."""
    threshold: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Score id → value on the test set; one that was not computed is absent."""
    main_metric: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    diagnostics: tuple[Mapping[str, str], ...] = ()
    """{"type": …, "message": …} each."""
    train_dataset: str = ""
    train_rows: int = 0
    test_rows: int = 0
    features: int = 0
    scoring: str = ""
    """Which form scores (LightGBM, ONNX, scikit-learn), and why, in a plain sentence."""
    fingerprint: str = ""
    """sha256 over the model's files: equal models, equal text."""
    job: str = ""

    @property
    def full_id(self) -> str:
        return f"S-{self.project}-{self.model}-{self.id}"

    @property
    def row_task(self) -> PredictionType:
        """What it predicts of single rows. Raises NoRowModel when it continues series instead."""
        if self.prediction_type == "forecast":
            raise NoRowModel(
                f"{self.model} continues series in time; it has no answer for single rows.",
                hint="Its page shows how it did on the rows held back.",
            )
        return self.prediction_type

    def __repr__(self) -> str:
        value = self.metrics.get(self.main_metric)
        name = metric.label(metric.performance_id(self.main_metric))
        told = "" if value is None else f", {name} {value:.4g}"
        return f"ModelVersion({self.project}.{self.model} {self.id}: {self.name}{told})"


__all__ = ["Algorithm", "Design", "ModelVersion", "SavedModel"]
