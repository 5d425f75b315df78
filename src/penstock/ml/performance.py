"""How good a model is on rows with a truth: which rows count, all scores, and the best threshold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from penstock.core import registry
from penstock.core.errors import ColumnMissing, Invalid
from penstock.core.score import CostMatrix, Guess, MetricSettings, ModelTask, PredictionType, Score
from penstock.ml import cells, measures, target
from penstock.ml.predictor import PREDICTION, Prediction, Predictor

THRESHOLDS = np.round(np.arange(1, 200) / 200, 3)
"""Cut-offs that are tried: 0.005, 0.010 … 0.995."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The rows that can be judged, and how many could not."""

    truth: np.ndarray
    """(m,) class codes or numbers of the rows with a truth and a prediction."""
    guess: Guess
    rows: np.ndarray
    """(m,) places of these rows among all n."""
    unlabelled: int = 0
    unknown: int = 0
    """Rows whose label is none of the model's classes; left out of every score."""
    unscored: int = 0


def judge(
    predictor: Predictor,
    table: pa.Table,
    prediction: Prediction,
    *,
    settings: MetricSettings | None = None,
    weights: str | None = None,
    reference: pa.Table | None = None,
) -> Judged:
    """Set a prediction against the target column of the same rows.

    Rows without a target, with a target the model does not know, or without a prediction are counted and left
    out. Raises ColumnMissing when there is no target column.
    """
    if predictor.target not in table.column_names:
        raise ColumnMissing(
            predictor.target, dataset="the data", near=table.column_names, needed_by="Performance"
        )
    guess = Guess(
        prediction.place,
        prediction.proba,
        None if weights is None else row_weights(table, weights),
        predictor.classes,
        settings or MetricSettings(),
        reference,
    )
    truth = truth_of(table[predictor.target], predictor.classes, name=predictor.target)
    return _judged(truth, guess, prediction.scored)


def truth_of(column: pa.ChunkedArray, classes: tuple[target.Label, ...], *, name: str) -> np.ndarray:
    """(n,) class codes (-1 no label, -2 unknown label), or floats with NaN where there is none."""
    return target.codes(column, classes, name=name) if classes else target.numbers(column, name=name)


def _judged(truth: np.ndarray, guess: Guess, scored: np.ndarray) -> Judged:
    if guess.classes:
        unlabelled, unknown = truth == target.UNLABELLED, truth == target.UNKNOWN
    else:
        unlabelled, unknown = np.isnan(truth), np.zeros(len(truth), dtype=np.bool_)
    rows = np.flatnonzero(~unlabelled & ~unknown & scored)
    return Judged(
        truth[rows], taken(guess, rows), rows, int(unlabelled.sum()), int(unknown.sum()), int((~scored).sum())
    )


def taken(guess: Guess, rows: np.ndarray) -> Guess:
    """The guess of some rows."""
    return replace(
        guess,
        label=guess.label[rows],
        proba=None if guess.proba is None else guess.proba[rows],
        weights=None if guess.weights is None else guess.weights[rows],
    )


def row_weights(table: pa.Table, column: str) -> np.ndarray:
    """(n,) weights ≥ 0; an empty cell weighs nothing."""
    values = np.nan_to_num(cells.numbers(table[column], name=column))
    if (values < 0).any():
        raise Invalid(f"Column '{column}' has negative values: it cannot be a weight.")
    return values


def performance(
    truth: np.ndarray,
    guess: Guess,
    prediction_type: ModelTask,
    *,
    also: Iterable[Score] = (),
) -> dict[str, float | None]:
    """Every score of the prediction type: id → value, None where it cannot be computed. Never NaN."""
    values = {score.CODE: _finite(score.score(truth, guess)) for score in scores_for(prediction_type)}
    for score in also:
        values[score_id(score)] = _finite(score.score(truth, guess))
    return values


def score_id(score: Score) -> str:
    """The id a score's value is kept under; a custom one has its own."""
    return getattr(score, "name", "") or score.CODE


def _finite(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)


@cache
def scores_for(prediction_type: ModelTask) -> tuple[Score, ...]:
    """The catalogue's scores that serve a prediction type and need no settings of their own."""
    found = [registry.kind("scores", name) for name in registry.names("scores")]
    return tuple(
        kind()
        for kind in found
        if issubclass(kind, Score) and prediction_type in kind.SERVES and not _needs_settings(kind)
    )


def _needs_settings(kind: type[Score]) -> bool:
    return any(field.is_required() for field in kind.model_fields.values())


def unavailable(values: Mapping[str, float | None], guess: Guess) -> dict[str, str]:
    """Score id → a sentence, for the scores that have no value."""
    why = "It needs probabilities, and there are none."
    return {
        code: why
        if guess.proba is None
        else "It is not defined on these rows: one class only, or no variation."
        for code, value in values.items()
        if value is None
    }


def better(score: Score) -> bool:
    """Whether greater values of a score are better ones."""
    return bool(getattr(score, "greater_is_better", score.GREATER_IS_BETTER))


def best_threshold(
    truth: np.ndarray, proba: np.ndarray, weights: np.ndarray | None, optimise: str, costs: CostMatrix
) -> float:
    """The cut-off among 0.005 … 0.995 with the best value; of equals, the middle of the longest run nearest 0.5."""
    w = np.ones(len(truth)) if weights is None else weights
    values = np.array([_value(c, optimise, costs) for c in counts_at(truth, proba, w, THRESHOLDS)])
    best = np.flatnonzero(values >= values.max() - 1e-12)
    runs = np.split(best, np.flatnonzero(np.diff(best) > 1) + 1)
    run = max(runs, key=lambda r: (len(r), -abs(float(THRESHOLDS[r[len(r) // 2]]) - 0.5)))
    return float(THRESHOLDS[run[(len(run) - 1) // 2]])


def counts_at(
    truth: np.ndarray, proba: np.ndarray, weights: np.ndarray, thresholds: np.ndarray
) -> list[measures.Counts]:
    """The four counts at each cut-off; positive when the probability reaches it. One sort for all of them."""
    ranked = measures.ranking(truth, proba, weights)
    hits, misses = np.append(0.0, ranked.hits), np.append(0.0, ranked.misses)
    reached = np.searchsorted(-ranked.score, -thresholds, side="right")
    return [
        measures.Counts(
            tp=float(hits[i]),
            fp=float(misses[i]),
            tn=float(misses[-1] - misses[i]),
            fn=float(hits[-1] - hits[i]),
        )
        for i in reached
    ]


def _value(counts: measures.Counts, optimise: str, costs: CostMatrix) -> float:
    value = counts.gain(costs) if optimise == "cost_matrix_gain" else getattr(counts, optimise)
    return -np.inf if value is None else float(value)


def from_columns(
    table: pa.Table,
    *,
    prediction_type: PredictionType,
    target_column: str,
    prediction_column: str = PREDICTION,
    classes: tuple[target.Label, ...] = (),
    probas: Mapping[str, str] | None = None,
    weights: str | None = None,
    settings: MetricSettings | None = None,
) -> Judged:
    """Judge rows that already hold predictions, without a model. `probas`: class as text → column."""
    for name in (target_column, prediction_column, *(probas or {}).values()):
        if name not in table.column_names:
            raise ColumnMissing(name, dataset="the data", near=table.column_names, needed_by="The evaluation")
    given = truth_of(table[prediction_column], classes, name=prediction_column)
    proba = _proba_columns(table, classes, probas) if probas else None
    row_weight = None if weights is None else row_weights(table, weights)
    guess = Guess(given, proba, row_weight, classes, settings or MetricSettings())
    scored = given >= 0 if prediction_type != "regression" else ~np.isnan(given)
    if proba is not None:
        scored &= ~np.isnan(proba).any(axis=1)
    return _judged(truth_of(table[target_column], classes, name=target_column), guess, scored)


def _proba_columns(table: pa.Table, classes: tuple[Any, ...], probas: Mapping[str, str]) -> np.ndarray:
    names = [target.text_of(c) for c in classes]
    missing = [n for n in names if n not in probas]
    if missing:
        raise Invalid(f"No probability column is given for class {', '.join(missing)}.")
    return np.column_stack([cells.numbers(table[probas[n]], name=probas[n]) for n in names])
