"""What turns prepared rows into numbers: LightGBM's own text form, scikit-learn, ONNX, or an imported pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from penstock.core.score import PredictionType

Form = Literal["lightgbm", "scikit-learn", "onnx"]
MANY_ROWS = 50_000


class Scorer(Protocol):
    """(n, width) prepared rows → (n, k) probabilities, or (n,) numbers for regression."""

    @property
    def form(self) -> Form: ...

    def raw(self, matrix: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True, slots=True)
class LightgbmScorer:
    """A LightGBM booster. It lives as text; reading the text runs nothing."""

    booster: Any
    prediction_type: PredictionType

    @property
    def form(self) -> Form:
        return "lightgbm"

    def raw(self, matrix: np.ndarray) -> np.ndarray:
        if not len(matrix):
            return np.empty(0 if self.prediction_type == "regression" else (0, self._classes()))
        threads = 1 if len(matrix) < MANY_ROWS else 0  # small batches are scored side by side; 0 means all
        scores = np.asarray(self.booster.predict(matrix, num_threads=threads))
        return np.column_stack([1.0 - scores, scores]) if self.prediction_type == "binary" else scores

    def contributions(self, matrix: np.ndarray) -> np.ndarray:
        """(n, classes or 1, width): exact tree Shapley values on the raw scale, the base value left out."""
        flat = np.asarray(self.booster.predict(matrix, pred_contrib=True, num_threads=1))
        return flat.reshape(len(matrix), -1, matrix.shape[1] + 1)[:, :, :-1]

    def text(self) -> str:
        return str(self.booster.model_to_string())

    def _classes(self) -> int:
        return max(2, int(self.booster.num_model_per_iteration()))


@dataclass(frozen=True, slots=True)
class SklearnScorer:
    """A fitted scikit-learn estimator on the prepared matrix. `count` is the number of classes, 0 for regression."""

    estimator: Any
    count: int

    @property
    def form(self) -> Form:
        return "scikit-learn"

    def raw(self, matrix: np.ndarray) -> np.ndarray:
        if not len(matrix):
            return np.empty((0, self.count) if self.count else 0)
        if not self.count:
            return np.asarray(self.estimator.predict(matrix), dtype=np.float64).reshape(len(matrix))
        if hasattr(self.estimator, "predict_proba"):
            return self._all_classes(np.asarray(self.estimator.predict_proba(matrix), dtype=np.float64))
        return self._all_classes(np.eye(len(self.estimator.classes_))[self._places(matrix)])

    def _all_classes(self, proba: np.ndarray) -> np.ndarray:
        """(n, count): classes the estimator never saw get probability 0."""
        seen = np.asarray(self.estimator.classes_)
        if len(seen) == self.count:
            return proba
        out = np.zeros((len(proba), self.count))
        out[:, seen.astype(np.int64)] = proba
        return out

    def _places(self, matrix: np.ndarray) -> np.ndarray:
        return np.searchsorted(self.estimator.classes_, self.estimator.predict(matrix))


@dataclass(frozen=True, slots=True)
class OnnxScorer:
    """The same numbers as scikit-learn's, shown equal when the model was saved, faster."""

    session: Any
    count: int
    single: bool
    """True when the graph takes single precision."""
    graph: bytes = b""
    source: SklearnScorer | None = None
    """What it was converted from; None when it was opened from a file."""

    @property
    def form(self) -> Form:
        return "onnx"

    def raw(self, matrix: np.ndarray) -> np.ndarray:
        if not len(matrix):
            return np.empty((0, self.count) if self.count else 0)
        rows = np.ascontiguousarray(matrix, dtype=np.float32 if self.single else np.float64)
        answer = self.session.run(None, {self.session.get_inputs()[0].name: rows})[-1]
        values = np.asarray(answer, dtype=np.float64)
        return values.reshape(len(matrix)) if not self.count else _summing_to_one(values)


@dataclass(frozen=True, slots=True)
class FrameScorer:
    """An imported scikit-learn pipeline that wants named columns of mixed types, handed over as they are."""

    estimator: Any
    count: int
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    """Cell type of each column."""
    named: bool

    @property
    def form(self) -> Form:
        return "scikit-learn"

    def raw(self, matrix: np.ndarray) -> np.ndarray:
        if not len(matrix):
            return np.empty((0, self.count) if self.count else 0)
        return SklearnScorer(self.estimator, self.count).raw(self._frame(matrix))

    def _frame(self, matrix: np.ndarray) -> Any:
        numeric = all(kind in ("integer", "number") for kind in self.kinds)
        if not self.named:
            return matrix.astype(np.float64) if numeric else matrix
        import pandas as pd  # only imported models that were trained on a data frame need it

        return pd.DataFrame({n: self._column(matrix[:, i], i) for i, n in enumerate(self.names)})

    def _column(self, values: np.ndarray, place: int) -> Any:
        kind = self.kinds[place]
        if kind == "integer" and not np.isnan(values.astype(np.float64)).any():
            return values.astype(np.int64)
        return values.astype(np.float64) if kind in ("integer", "number") else values


def _summing_to_one(proba: np.ndarray) -> np.ndarray:
    return proba / proba.sum(axis=1, keepdims=True)


def scorer_of(estimator: Any, prediction_type: PredictionType, count: int) -> Scorer:
    """The scorer of a freshly fitted estimator: LightGBM's keep only their booster."""
    booster = getattr(estimator, "booster_", None)
    if booster is not None:
        return LightgbmScorer(booster, prediction_type)
    for name in (
        "n_jobs",
    ):  # threads add up votes in any order; one thread per batch always gives the same bits
        if name in estimator.get_params(deep=False):
            estimator.set_params(**{name: 1})
    return SklearnScorer(estimator, count)
