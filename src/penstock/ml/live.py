"""A saved model that answers records in real time: mappings in, plain values out, the numbers of the batch path.

live.open(folder).one({"age": 35, "country": "FR"}).as_result()
"""

from __future__ import annotations

import bisect
import math
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from penstock.core.errors import GoldenBatchMismatch
from penstock.ml import model_file
from penstock.ml.native_booster import NativeBooster
from penstock.ml.predictor import PROBA, Predictor
from penstock.ml.row import RowPreparation
from penstock.ml.scorer import LightgbmScorer

DROPPED = "A feature the model needs is empty."
AT_ONCE = 16
"""From so many records on they are scored as one matrix."""


@dataclass(slots=True)
class Answer:
    """What the model says of one record."""

    prediction: str | float | None
    """The label as text, or the number of a regression; None when ignored."""
    probas: dict[str, float] | None = None
    """Label → probability; None for regression."""
    percentile: int | None = None
    """Share of the test rows, in percent, whose positive probability was at most this one's."""
    reason: str = ""
    """Why there is no prediction."""
    warnings: tuple[str, ...] = field(default=())

    @property
    def ignored(self) -> bool:
        return bool(self.reason)

    def as_result(self) -> dict[str, Any]:
        """The `result` of an answer."""
        result: dict[str, Any] = {"prediction": self.prediction}
        if self.percentile is not None:
            result["probaPercentile"] = self.percentile
        if self.probas is not None:
            result["probas"] = self.probas
        result["ignored"] = bool(self.reason)
        if self.reason:
            result = {"ignored": True, "ignoreReason": self.reason}
        if self.warnings:
            result["warnings"] = list(self.warnings)
        return result


class LivePredictor:
    """A model, ready to answer single records."""

    def __init__(self, predictor: Predictor, percentiles: Sequence[float] = ()) -> None:
        self.predictor = predictor
        self._rows = RowPreparation(predictor.preparation)
        self._names, self._percentiles = predictor.class_names, list(percentiles)
        self._cut = predictor.cut() if predictor.prediction_type == "binary" else 0.5
        self._values = self._one_row()

    def one(self, features: Mapping[str, Any]) -> Answer:
        """The answer for one record. Never raises for what stands in it: odd and unknown features become warnings."""
        row, ok, odd = self._rows.row(features)
        warnings = self._warnings(features, odd)
        return (
            self._told(self._values(row), warnings) if ok else Answer(None, reason=DROPPED, warnings=warnings)
        )

    def many(self, records: Sequence[Mapping[str, Any]]) -> list[Answer]:
        """The answers in the order of the records."""
        if len(records) < AT_ONCE:
            return [self.one(record) for record in records]
        matrix, ok, odd = self._matrix(records)
        scored = self.predictor.values(matrix[ok]) if ok.any() else np.empty((0, 1))
        values = iter(scored.reshape(len(scored), -1).tolist())
        return [
            self._told(next(values), self._warnings(record, odd.get(at, [])))
            if scored_too
            else Answer(None, reason=DROPPED, warnings=self._warnings(record, odd.get(at, [])))
            for at, (record, scored_too) in enumerate(zip(records, ok.tolist(), strict=True))
        ]

    def _matrix(
        self, records: Sequence[Mapping[str, Any]]
    ) -> tuple[np.ndarray, np.ndarray, dict[int, list[str]]]:
        if not self.predictor.preparation.as_is:
            return self._rows.rows(records)
        rows, ok, odd = zip(*map(self._rows.row, records), strict=True)
        matrix = np.array(rows, dtype=object).reshape(-1, self._rows.width)
        return matrix, np.array(ok, dtype=np.bool_), dict(enumerate(odd))

    def row(self, features: Mapping[str, Any]) -> tuple[np.ndarray, bool]:
        """The prepared row, (1, width), as explanations want it, and whether it gets a prediction."""
        row, ok, _ = self._rows.row(features)
        return np.array([row], dtype=np.dtype(object if self.predictor.preparation.as_is else float)), ok

    def values(self, features: Mapping[str, Any]) -> list[float] | None:
        """The probabilities in the order of the classes, or the one number; None where not scored."""
        row, ok, _ = self._rows.row(features)
        return self._values(row) if ok else None

    def _warnings(self, features: Mapping[str, Any], odd: list[str]) -> tuple[str, ...]:
        if not odd and self._rows.names.issuperset(features):
            return ()
        unknown = [str(name) for name in features if name not in self._rows.names]
        return (
            *(f"Feature '{name}' holds {_shown(features[name])}, which counts as empty." for name in odd),
            *(f"Feature '{name}' is not used by the model." for name in unknown),
        )

    def _told(self, values: list[float], warnings: tuple[str, ...]) -> Answer:
        names = self._names
        if not names:
            return Answer(values[0], warnings=warnings)
        if self.predictor.prediction_type == "binary":
            place = int(values[1] >= self._cut)
            percentile = self._percentile(values[1]) if self._percentiles else None
        else:
            place, percentile = values.index(max(values)), None
        return Answer(names[place], dict(zip(names, values, strict=True)), percentile, warnings=warnings)

    def _percentile(self, proba: float) -> int:
        place = bisect.bisect_right(self._percentiles, proba)
        return min(100, round(100 * place / len(self._percentiles)))

    def _one_row(self) -> Callable[[list[Any]], list[float]]:
        """How one prepared row is scored: straight through LightGBM's library, else as a matrix of one row."""
        scorer = self.predictor.scorer
        if isinstance(scorer, LightgbmScorer) and isinstance(scorer.booster, NativeBooster):
            return self._through_library(scorer.booster)
        kind, values = np.dtype(object if self.predictor.preparation.as_is else float), self.predictor.values
        return lambda row: _listed(values(np.array([row], dtype=kind)).tolist()[0])

    def _through_library(self, booster: NativeBooster) -> Callable[[list[Any]], list[float]]:
        one, binary = booster.one, self.predictor.prediction_type == "binary"
        calibrator = self.predictor.calibrator

        def values(row: list[Any]) -> list[float]:
            raw = one(array("d", row))
            listed = [1.0 - raw[0], raw[0]] if binary else list(raw)
            if calibrator is None:
                return listed
            return list(calibrator.bend(np.array([listed])).tolist()[0])

        return values


def open(folder: Path | str) -> LivePredictor:
    """Open a saved model for single records. Its golden rows must get their answers here too.

    Raises UntrustedModel, GoldenBatchMismatch.
    """
    folder = Path(folder)
    found = model_file.opened(folder, native=True)
    model = LivePredictor(found.predictor, _percentiles(folder, found.manifest))
    golden, rows = found.manifest.golden.values, found.golden.to_pylist()
    wrong = sum(not _same(then, model.values(row)) for then, row in zip(golden, rows, strict=True))
    if wrong:
        raise GoldenBatchMismatch(
            f"The model in {folder.name} answers {wrong} of {len(rows)} golden rows otherwise one by one."
        )
    return model


def _percentiles(folder: Path, manifest: model_file.Manifest) -> list[float]:
    """101 quantiles of the positive class's probability on the test rows; none without them."""
    file = folder / model_file.TEST
    if manifest.prediction_type != "binary" or not file.is_file():
        return []
    table = model_file.read_rows(file, [PROBA + _text_of(manifest.classes[1])])
    if not table.num_columns:
        return []
    column = table.column(0).drop_null().to_numpy()
    return np.quantile(column, np.linspace(0, 1, 101)).tolist() if len(column) else []


def _text_of(label: Any) -> str:
    from penstock.ml import target

    return target.text_of(label)


def _listed(values: Any) -> list[float]:
    return values if isinstance(values, list) else [values]


def _same(then: tuple[float, ...] | None, now: list[float] | None) -> bool:
    if then is None or now is None:
        return then is None and now is None
    near = model_file.GOLDEN_TOLERANCE
    return all(math.isclose(a, b, rel_tol=near, abs_tol=near) for a, b in zip(then, now, strict=True))


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
