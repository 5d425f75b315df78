"""The one predictor: training metrics, Score, Evaluate and what-if all ask it, so they cannot disagree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

from penstock.core.algorithm import Algorithm
from penstock.core.score import PredictionType
from penstock.ml import target
from penstock.ml.calibration import Calibrator
from penstock.ml.prepare import Batch, Preparation
from penstock.ml.scorer import Scorer
from penstock.ml.target import Label

PREDICTION = "prediction"
PROBA = "proba_"


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model says of n rows.

    place    (n,) class codes, or (n,) floats for regression; meaningless where not scored
    proba    (n, k) floats in the order of the classes, or None for regression
    scored   (n,) booleans: False where a drop rule gives the row no prediction
    labels   (n,) Arrow, in the target's type; null where not scored
    """

    place: np.ndarray
    proba: np.ndarray | None
    scored: np.ndarray
    labels: pa.Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictor:
    """A model, ready to answer. Frozen: the same rows always get the same answer."""

    prediction_type: PredictionType
    target: str
    classes: tuple[Label, ...]
    threshold: float | None
    """Binary: the positive class from this probability on."""
    preparation: Preparation
    scorer: Scorer
    calibrator: Calibrator | None = None
    algorithm: str = ""
    background: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    """(≤ 100, width) prepared train rows, against which single predictions are explained."""
    start: Mapping[str, Any] = field(default_factory=dict)
    """Feature → median or most frequent value of the train rows: where what-if starts."""
    scoring: str = ""
    """Which form scores, and why, in a plain sentence."""

    @property
    def features(self) -> tuple[str, ...]:
        """The columns that must be there."""
        return self.preparation.names

    @property
    def class_names(self) -> tuple[str, ...]:
        """Labels as text, in the model's order."""
        return tuple(target.text_of(c) for c in self.classes)

    @property
    def proba_columns(self) -> tuple[str, ...]:
        return tuple(PROBA + name for name in self.class_names)

    @property
    def label_type(self) -> pa.DataType:
        return target.labels_type(self.classes) if self.classes else pa.float64()

    def predict(
        self, batch: Batch, *, threshold: float | None = None, dataset: str = "the input"
    ) -> Prediction:
        """Predict a batch or a table. Raises ColumnMissing for a used feature that is not there."""
        matrix, ok = self.preparation.matrix(batch, dataset=dataset)
        return self.predict_matrix(matrix, ok, threshold=threshold)

    def predict_matrix(
        self, matrix: np.ndarray, ok: np.ndarray | None = None, *, threshold: float | None = None
    ) -> Prediction:
        """Predict prepared rows."""
        scored = np.ones(len(matrix), dtype=np.bool_) if ok is None else ok
        values = self.values(matrix)
        if not self.classes:
            return Prediction(values, None, scored, pa.array(values, mask=~scored))
        place = self.decide(values, threshold=threshold)
        return Prediction(place, values, scored, target.arrow_labels(place, self.classes, scored))

    def values(self, matrix: np.ndarray) -> np.ndarray:
        """(n, k) calibrated probabilities, or (n,) numbers, of prepared rows."""
        raw = self.scorer.raw(matrix)
        return raw if self.calibrator is None else self.calibrator.bend(raw)

    def decide(self, proba: np.ndarray, *, threshold: float | None = None) -> np.ndarray:
        """(n,) class codes. Binary: positive exactly when its probability reaches the threshold."""
        if self.prediction_type != "binary":
            return np.argmax(proba, axis=1).astype(np.int64)
        cut = self.cut(threshold)
        return (proba[:, 1] >= cut).astype(np.int64)

    def cut(self, threshold: float | None = None) -> float:
        """The threshold that applies: the override, the version's own, or one half."""
        return next((t for t in (threshold, self.threshold) if t is not None), 0.5)

    def with_threshold(self, threshold: float) -> Predictor:
        return replace(self, threshold=threshold)


def algorithm_label(algorithm: Algorithm) -> str:
    """What people call it: the name they gave, or the kind's."""
    return getattr(algorithm, "name", "") or type(algorithm).LABEL
