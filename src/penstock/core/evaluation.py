"""Evaluation stores, evaluations, and the two bases of what an evaluation measures: Score and Distance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

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
