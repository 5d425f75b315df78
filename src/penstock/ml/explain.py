"""Why a model says what it says: importance, single predictions, partial dependence, what-if.

Shapley values of LightGBM are exact (its own tree algorithm, raw scale) unless the model is calibrated. For every
other model they are sampled: for each step a random order of the features and one of 100 train rows; the features are
switched from that row's values to the explained row's, one after another, and each switch's effect is its
contribution (Štrumbelj and Kononenko 2014, antithetic: every order is used backwards too). Contributions of a row
add up to its prediction minus the mean over the train rows that were drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from penstock.core.errors import Invalid, NotFound
from penstock.ml import cells
from penstock.ml.calibration import logit
from penstock.ml.predictor import Predictor
from penstock.ml.scorer import LightgbmScorer

ROWS_AT_ONCE = 20_000
CERTAIN = 1e-6
"""Probabilities are kept this far from 0 and 1, so that one certain leaf does not drown all else."""
Explained = list[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Importances:
    """Feature → share of the whole influence, strongest first; None when not computed."""

    shapley: dict[str, float] | None
    """Mean absolute Shapley value, sums to 1."""
    permutation: dict[str, float] | None
    """How much worse the main metric gets when the column is shuffled; may be a little below 0."""
    note: str = ""
    exact: bool = False


def outcome(predictor: Predictor, matrix: np.ndarray) -> np.ndarray:
    """(n, m): what is explained. Regression: the number. Binary: log-odds of the positive class. Else of each."""
    values = predictor.values(matrix)
    if values.ndim == 1:
        return values[:, None]
    return logit(values[:, 1:] if predictor.prediction_type == "binary" else values, CERTAIN)


def individual(
    predictor: Predictor,
    matrix: np.ndarray,
    place: np.ndarray,
    *,
    method: Literal["shapley", "ice"] = "shapley",
    most: int = 3,
    samples: int = 100,
    seed: int = 1337,
) -> list[Explained]:
    """For each prepared row its strongest features with their influence, on the class predicted for the row."""
    by_ice = method == "ice"
    influence = ice(predictor, matrix) if by_ice else shapley(predictor, matrix, samples=samples, seed=seed)
    column = place if predictor.prediction_type == "multiclass" else np.zeros(len(matrix), dtype=np.int64)
    chosen = influence[np.arange(len(matrix)), :, column.astype(np.int64)]
    names = predictor.features
    order = np.argsort(-np.abs(chosen), axis=1, kind="stable")[:, :most]
    return [[(names[f], float(row[f])) for f in best] for row, best in zip(chosen, order, strict=True)]


@dataclass(frozen=True, slots=True)
class Example:
    """One row with its prediction (the positive class's probability, or the number) and what moved it."""

    row: int
    """Its place in the table."""
    value: float
    influences: tuple[tuple[str, float], ...]


def extremes(
    predictor: Predictor,
    table: pa.Table,
    *,
    rows: int = 5,
    most: int = 5,
    samples: int = 100,
    seed: int = 1337,
) -> tuple[tuple[Example, ...], tuple[Example, ...]]:
    """The rows with the lowest and those with the highest predictions, explained. Several classes: the last one's."""
    matrix, ok = predictor.preparation.matrix(table)
    prediction = predictor.predict_matrix(matrix, ok)
    value = prediction.place if prediction.proba is None else prediction.proba[:, -1]
    scored = np.flatnonzero(prediction.scored)
    order = scored[np.argsort(value[scored], kind="stable")]
    chosen = np.concatenate([order[:rows], order[::-1][:rows]])
    why = individual(
        predictor, matrix[chosen], prediction.place[chosen], most=most, samples=samples, seed=seed
    )
    found = [Example(int(r), float(value[r]), tuple(w)) for r, w in zip(chosen, why, strict=True)]
    half = len(found) // 2
    return tuple(found[:half]), tuple(found[half:])


def shapley(predictor: Predictor, matrix: np.ndarray, *, samples: int = 100, seed: int = 1337) -> np.ndarray:
    """(n, features, m) Shapley values; exact for LightGBM without calibration, else sampled with this seed."""
    if is_exact(predictor):
        return _tree_shapley(predictor, matrix)
    return _sampled_shapley(predictor, matrix, samples, seed)


def is_exact(predictor: Predictor) -> bool:
    return isinstance(predictor.scorer, LightgbmScorer) and predictor.calibrator is None


def ice(predictor: Predictor, matrix: np.ndarray, *, rows: int = 25) -> np.ndarray:
    """(n, features, m): the prediction minus its mean when one feature takes the values of other train rows."""
    background = predictor.background[:rows]
    groups = list(predictor.preparation.groups.values())
    own = outcome(predictor, matrix)
    out = np.empty((len(matrix), len(groups), own.shape[1]))
    for place, group in enumerate(groups):
        total = np.zeros_like(own)
        for other in background:
            varied = matrix.copy()
            varied[:, group] = other[group]
            total += outcome(predictor, varied)
        out[:, place] = own - total / len(background)
    return out


def _tree_shapley(predictor: Predictor, matrix: np.ndarray) -> np.ndarray:
    assert isinstance(predictor.scorer, LightgbmScorer)
    groups = list(predictor.preparation.groups.values())
    if not len(matrix):
        return np.empty((0, len(groups), max(1, len(predictor.classes) if len(predictor.classes) > 2 else 1)))
    by_column = predictor.scorer.contributions(matrix)
    return np.stack([by_column[:, :, g].sum(axis=2) for g in groups], axis=1)


def _sampled_shapley(predictor: Predictor, matrix: np.ndarray, samples: int, seed: int) -> np.ndarray:
    groups = list(predictor.preparation.groups.values())
    outputs = max(1, len(predictor.classes) if len(predictor.classes) > 2 else 1)
    total = np.zeros((len(matrix), len(groups), outputs))
    if not len(matrix):
        return total
    random = np.random.default_rng(seed)
    pairs = max(1, samples // 2)
    others = random.permutation(len(predictor.background))  # each train row once before one comes again
    for step in range(pairs):
        order, other = random.permutation(len(groups)), others[step % len(others)]
        for walk in (order, order[::-1]):
            _add_walk(predictor, matrix, [groups[f] for f in walk], walk, predictor.background[other], total)
    return total / (2 * pairs)


def _add_walk(
    predictor: Predictor,
    matrix: np.ndarray,
    groups: list[slice],
    walk: np.ndarray,
    other: np.ndarray,
    total: np.ndarray,
) -> None:
    """Switch the features of all rows from the other row's values to their own, one by one, and add the effects."""
    steps = len(groups) + 1
    rows = max(1, ROWS_AT_ONCE // steps)
    for start in range(0, len(matrix), rows):
        part = matrix[start : start + rows]
        path = np.empty((steps, *part.shape), dtype=part.dtype)
        path[0] = other
        for place, group in enumerate(groups, start=1):
            path[place] = path[place - 1]
            path[place][:, group] = part[:, group]
        values = outcome(predictor, path.reshape(-1, part.shape[1])).reshape(steps, len(part), -1)
        total[start : start + rows, walk] += np.moveaxis(np.diff(values, axis=0), 0, 1)


def shapley_importance(
    predictor: Predictor, matrix: np.ndarray, *, samples: int = 10, seed: int = 1337
) -> dict[str, float]:
    """Feature → mean absolute Shapley value over these rows, as a share of their sum; strongest first."""
    influence = np.abs(shapley(predictor, matrix, samples=samples, seed=seed)).mean(axis=(0, 2))
    return shares(predictor.features, influence)


def shares(names: Sequence[str], amounts: np.ndarray) -> dict[str, float]:
    """Amounts → shares that sum to 1, strongest first; all 0 when there is no influence at all."""
    whole = float(amounts.sum())
    share = amounts / whole if whole > 0 else np.zeros_like(amounts)
    return dict(sorted(zip(names, map(float, share), strict=True), key=lambda item: -item[1]))


@dataclass(frozen=True, slots=True)
class PartialDependence:
    """How the mean prediction moves with one feature, everything else as it is.

    value[i] (or value[i][class]) is the mean over the sample with the feature set to at[i], minus the mean
    prediction; on the log-odds for classification. share[i] is the part of the sample that lies near at[i].
    """

    feature: str
    at: tuple[Any, ...]
    value: tuple[tuple[float, ...], ...]
    share: tuple[float, ...]
    rows: int


def partial_dependence(
    predictor: Predictor,
    table: pa.Table,
    feature: str,
    *,
    rows: int = 1000,
    points: int = 20,
    seed: int = 1337,
) -> PartialDependence:
    """Partial dependence on one feature over a random sample of the table's rows."""
    sample = sampled(table.select(list(predictor.features)), rows, seed)
    at, share = grid(sample[feature], points)
    base = outcome(predictor, predictor.preparation.matrix(sample)[0]).mean(axis=0)
    place = sample.schema.get_field_index(feature)
    values = []
    for value in at:
        column = pa.array([value] * sample.num_rows, sample.schema.field(place).type)
        varied = sample.set_column(place, sample.schema.field(place), column)
        values.append(outcome(predictor, predictor.preparation.matrix(varied)[0]).mean(axis=0) - base)
    rounded = tuple(tuple(float(v) for v in row) for row in values)
    return PartialDependence(feature, tuple(at), rounded, tuple(share), sample.num_rows)


def grid(column: pa.ChunkedArray, points: int) -> tuple[list[Any], list[float]]:
    """Up to `points` values to look at – the most frequent, or spread over the quantiles – and their shares."""
    counted = column.drop_null().value_counts().to_pylist()
    by_count = sorted(counted, key=lambda c: (-c["counts"], str(c["values"])))[:points]
    numeric = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
    if not numeric or len(counted) <= points:
        chosen = sorted(by_count, key=lambda c: c["values"]) if numeric else by_count
        return [c["values"] for c in chosen], [c["counts"] / max(1, len(column)) for c in chosen]
    values = column.drop_null().to_numpy()
    at = np.unique(np.quantile(values, np.linspace(0.01, 0.99, points)))
    middles = (at[1:] + at[:-1]) / 2
    near = np.bincount(np.searchsorted(middles, values), minlength=len(at)) / len(column)
    whole = pa.types.is_integer(column.type)
    return [round(a) if whole else float(a) for a in at], [float(n) for n in near]


def sampled(table: pa.Table, rows: int, seed: int) -> pa.Table:
    """The table, or this many random rows of it in their order."""
    if table.num_rows <= rows:
        return table
    chosen = np.sort(np.random.default_rng(seed).choice(table.num_rows, rows, replace=False))
    return table.take(pa.array(chosen))


@dataclass(frozen=True, slots=True)
class WhatIf:
    """One imagined row and what the model says of it."""

    row: dict[str, Any]
    prediction: Any
    probabilities: dict[str, float]
    influences: tuple[tuple[str, float], ...]


def what_if(predictor: Predictor, changes: dict[str, Any] | None = None, *, most: int = 10) -> WhatIf:
    """The train medians and most frequent values, some of them changed: prediction, probabilities, influences.

    A feature set to None counts as empty, just as an empty cell does in Score. Raises NotFound for what is no feature,
    Invalid for a value of the wrong kind.
    """
    for name, value in (changes or {}).items():
        _require_cell(predictor, name, value)
    row = {**predictor.start, **(changes or {})}
    table = pa.table({name: one_cell(row.get(name)) for name in predictor.features})
    matrix, ok = predictor.preparation.matrix(table, dataset="the imagined row")
    prediction = predictor.predict_matrix(matrix, ok)
    proba = prediction.proba[0] if prediction.proba is not None and prediction.scored[0] else ()
    influences = (
        individual(predictor, matrix, prediction.place, most=most) if len(predictor.background) else [[]]
    )
    return WhatIf(
        row=row,
        prediction=prediction.labels[0].as_py(),
        probabilities=dict(zip(predictor.class_names, map(float, proba), strict=False)),
        influences=tuple(influences[0]),
    )


def _require_cell(predictor: Predictor, name: str, value: Any) -> None:
    """Raise what is wrong with a change, before an answer is made of it."""
    if name not in predictor.features:
        raise NotFound("feature", name, among=predictor.features, where="the model")
    feature = next(f for f in predictor.preparation.features if f.name == name)
    try:
        cell = one_cell(value)
        if cells.cell_type(cell.type) is None:
            raise Invalid("one number, text, truth value or date is wanted.")
        feature.write(cell, np.empty((1, len(feature.columns)), dtype=object), np.ones(1, dtype=np.bool_))
    except (Invalid, pa.ArrowException) as error:
        typical = predictor.start.get(name)
        raise Invalid(
            f"Feature '{name}' cannot be {value!r}.", hint=f"In the typical row it is {typical!r}."
        ) from error


def one_cell(value: Any) -> pa.Array:
    return pa.array([value])
