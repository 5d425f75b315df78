"""Evaluation stores, evaluations, and the two bases of what an evaluation measures: Score and Distance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from penstock.core.dataset import Observed
from penstock.core.kind import Kind

if TYPE_CHECKING:
    import numpy as np

PredictionType = Literal["binary", "multiclass", "regression"]


class Score(Kind):
    """How good predictions are. A kind names its direction and the prediction types it serves.

    `score(truth, guess)` receives numpy arrays of one evaluation:
    truth   (n,) integer class codes 0..k-1 in the order of the model's classes, or (n,) float for regression;
    guess   a `Guess`: `.label` (n,) codes or floats, `.proba` (n, k) or None, `.weights` (n,) or None,
            `.classes` the labels, `.settings` the task's MetricSettings (threshold, cost matrix, lift point,
            averaging).
    It returns a float, or None when the score cannot be computed (one class only, no probabilities).
    """

    FAMILY: ClassVar[str] = "scores"
    LABEL: ClassVar[str] = ""
    SERVES: ClassVar[frozenset[str]] = frozenset()
    GREATER_IS_BETTER: ClassVar[bool] = True
    NEEDS_PROBA: ClassVar[bool] = False

    def score(self, truth: np.ndarray, guess: Any) -> float | None:
        raise NotImplementedError


class Distance(Kind):
    """How far the current values of one column are from the reference values, as a test, an index or a distance.

    `between(reference, current)` receives two `ColumnProfile`s of ml/profile.py (sorted values, counts by
    category, missing counts) and returns a `DistanceResult(value, p_value, effect)`; a field that does not apply
    is None, never NaN.
    """

    FAMILY: ClassVar[str] = "distances"
    LABEL: ClassVar[str] = ""
    SERVES: ClassVar[frozenset[str]] = frozenset({"numerical", "categorical"})

    def between(self, reference: Any, current: Any) -> Any:
        raise NotImplementedError


class EvaluationStore(Observed):
    """Where evaluations of models are kept, one row a run; a Flow object that recipes write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One evaluation: the header that lists show. Curves, drift and the sample lie in the blob `detail`.

    Readable for ever: nothing in it needs the model version or the dataset to exist still.
    """

    project: str
    store: str
    id: str
    name: str
    created_at: datetime
    prediction_type: PredictionType | None
    model: str = ""
    version: str = ""
    dataset: str = ""
    rows: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    """metric id → value; a metric that was not computed is absent."""
    diagnostics: tuple[Mapping[str, str], ...] = ()
    """{"type": …, "message": …} each."""
    main_metric: str = ""
    job: str = ""
    detail: str = ""
    """Blob hash of the JSON with performance curves, drift report, settings, model parameters."""
    sample: str = ""
    """Blob hash of the Parquet with the stored drift sample."""

    @property
    def full_id(self) -> str:
        return f"ME-{self.project}-{self.store}-{self.id}"
