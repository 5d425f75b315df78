"""The pictures of a model's performance as small aggregates: at most some two hundred points, ready for JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from penstock.core.score import Guess, MetricSettings, PredictionType
from penstock.ml import measures, performance, target
from penstock.ml.measures import Counts, Ranking

POINTS = 200
DENSITY_BINS = 50
SCATTER_POINTS = 1000
SEED = 1337

Number = float | None


@dataclass(frozen=True, slots=True)
class ThresholdPoint:
    """Everything that moves with the cut-off, at one cut-off."""

    threshold: float
    tp: float
    fp: float
    tn: float
    fn: float
    accuracy: Number
    precision: Number
    recall: Number
    f1: Number
    gain: Number


def at_threshold(truth: np.ndarray, guess: Guess, threshold: float) -> ThresholdPoint:
    """Confusion and its scores at any cut-off, from the probabilities alone."""
    return decision_chart(truth, guess, np.array([threshold]))[0]


def decision_chart(
    truth: np.ndarray, guess: Guess, thresholds: np.ndarray | None = None
) -> tuple[ThresholdPoint, ...]:
    """The same at 0.00, 0.01 … 1.00, or the given cut-offs. Empty without probabilities."""
    if guess.proba is None:
        return ()
    cuts = np.round(np.arange(101) / 100, 2) if thresholds is None else thresholds
    found = performance.counts_at(truth, guess.proba[:, 1], measures.weights_of(guess), cuts)
    return tuple(_threshold_point(float(t), c, guess.settings) for t, c in zip(cuts, found, strict=True))


def _threshold_point(threshold: float, c: Counts, settings: MetricSettings) -> ThresholdPoint:
    return ThresholdPoint(
        threshold,
        c.tp,
        c.fp,
        c.tn,
        c.fn,
        c.accuracy,
        c.precision,
        c.recall,
        c.f1,
        c.gain(settings.cost_matrix),
    )


def confusion(truth: np.ndarray, guess: Guess) -> tuple[tuple[float, ...], ...]:
    """(k, k) weighted rows: row = true class, column = predicted class."""
    count = len(guess.classes)
    flat = np.bincount(
        truth * count + guess.label, weights=measures.weights_of(guess), minlength=count * count
    )
    return tuple(tuple(float(v) for v in row) for row in flat.reshape(count, count))


@dataclass(frozen=True, slots=True)
class Line:
    """A curve: points (x, y)."""

    x: tuple[float, ...]
    y: tuple[float, ...]


def roc(ranked: Ranking) -> Line | None:
    """False positive rate → true positive rate; None with one class only."""
    if not ranked.complete:
        return None
    return _line(np.append(0, ranked.misses / ranked.misses[-1]), np.append(0, ranked.hits / ranked.hits[-1]))


def precision_recall(ranked: Ranking) -> Line | None:
    """Recall → precision; None without positives."""
    if not len(ranked.score) or ranked.hits[-1] <= 0:
        return None
    return _line(ranked.hits / ranked.hits[-1], ranked.hits / np.maximum(ranked.hits + ranked.misses, 1e-300))


@dataclass(frozen=True, slots=True)
class Lift:
    """Cumulative gain (share of rows → share of positives found), and the lift of each tenth of the rows."""

    gain: Line
    perfect: float
    """Share of rows at which a perfect model has found all positives."""
    by_tenth: tuple[float, ...]


def lift(ranked: Ranking) -> Lift | None:
    """None without positives."""
    if not len(ranked.score) or ranked.hits[-1] <= 0:
        return None
    rows = np.append(0.0, ranked.hits + ranked.misses)
    found = np.append(0.0, ranked.hits) / ranked.hits[-1]
    share = rows / rows[-1]
    tenths = np.interp(np.arange(11) / 10, share, found)
    return Lift(
        _line(share, found), float(ranked.hits[-1] / rows[-1]), tuple(float(v) for v in np.diff(tenths) * 10)
    )


@dataclass(frozen=True, slots=True)
class CalibrationPoint:
    """One bin of probability."""

    predicted: float
    observed: float
    rows: float


def calibration(hit: np.ndarray, proba: np.ndarray, weights: np.ndarray) -> tuple[CalibrationPoint, ...]:
    """Observed frequency by predicted probability, in ten bins."""
    bins = measures.probability_bins(hit, proba, weights)
    pairs = zip(bins.predicted, bins.observed, bins.weight, strict=True)
    return tuple(CalibrationPoint(float(p), float(o), float(w)) for p, o, w in pairs)


def density(hit: np.ndarray, proba: np.ndarray, weights: np.ndarray) -> dict[str, tuple[float, ...]]:
    """Share of the rows of the class, and of the others, in each of 50 equal bins of probability."""
    place = np.clip((proba * DENSITY_BINS).astype(np.int64), 0, DENSITY_BINS - 1)
    sides = {}
    for side, inside in (("others", hit == 0), ("class", hit == 1)):
        found = np.bincount(place[inside], weights=weights[inside], minlength=DENSITY_BINS)
        sides[side] = tuple(float(v) for v in found / max(float(found.sum()), 1e-300))
    return sides


@dataclass(frozen=True, slots=True)
class ErrorDistribution:
    """Prediction minus truth: histogram and table."""

    edges: tuple[float, ...]
    counts: tuple[float, ...]
    table: dict[str, float]


def errors(truth: np.ndarray, guess: Guess, *, bins: int = 30) -> ErrorDistribution | None:
    """None without rows. The histogram spans the 1st to 99th percentile; what lies beyond is in its end bins."""
    if not len(truth):
        return None
    error = guess.label - truth
    low, high = np.quantile(error, [0.01, 0.99])
    edges = np.linspace(low, high if high > low else low + 1.0, bins + 1)
    counts, _ = np.histogram(np.clip(error, edges[0], edges[-1]), edges, weights=guess.weights)
    table = {
        name: float(np.quantile(error, q))
        for name, q in (
            ("min", 0),
            ("p5", 0.05),
            ("p25", 0.25),
            ("median", 0.5),
            ("p75", 0.75),
            ("p95", 0.95),
            ("max", 1),
        )
    }
    table |= {"mean": float(error.mean()), "std": float(error.std())}
    return ErrorDistribution(tuple(map(float, edges)), tuple(map(float, counts)), table)


def scatter(truth: np.ndarray, guess: Guess) -> Line:
    """True value → predicted value of up to 1,000 random rows."""
    rows = np.arange(len(truth))
    if len(rows) > SCATTER_POINTS:
        rows = np.sort(np.random.default_rng(SEED).choice(rows, SCATTER_POINTS, replace=False))
    return Line(tuple(map(float, truth[rows])), tuple(map(float, guess.label[rows])))


def curves(truth: np.ndarray, guess: Guess, prediction_type: PredictionType) -> dict[str, Any]:
    """All pictures of one evaluation as plain JSON values; what cannot be drawn is None."""
    if prediction_type == "regression":
        found = errors(truth, guess)
        return {"scatter": asdict(scatter(truth, guess)), "errors": asdict(found) if found else None}
    drawn: dict[str, Any] = {"classes": [target.text_of(c) for c in guess.classes]}
    drawn["confusion"] = confusion(truth, guess)
    if guess.proba is None:
        return drawn
    if prediction_type == "binary":
        drawn["decision"] = [asdict(p) for p in decision_chart(truth, guess)]
        ranked = measures.ranking(truth, guess.proba[:, 1], measures.weights_of(guess))
        found_lift = lift(ranked)
        drawn["lift"] = asdict(found_lift) if found_lift else None
    places = [1] if prediction_type == "binary" else range(len(guess.classes))
    drawn["by_class"] = {target.text_of(guess.classes[k]): _of_class(truth, guess, k) for k in places}
    return drawn


def _of_class(truth: np.ndarray, guess: Guess, code: int) -> dict[str, Any]:
    assert guess.proba is not None
    hit, proba, weights = (truth == code).astype(np.int64), guess.proba[:, code], measures.weights_of(guess)
    ranked = measures.ranking(hit, proba, weights)
    lines = {"roc": roc(ranked), "precision_recall": precision_recall(ranked)}
    drawn: dict[str, Any] = {name: asdict(line) if line else None for name, line in lines.items()}
    drawn |= {"auc": measures.roc_area(ranked), "average_precision": measures.average_precision(ranked)}
    drawn["calibration"] = [asdict(p) for p in calibration(hit, proba, weights)]
    return drawn | {"density": density(hit, proba, weights)}


def _line(x: np.ndarray, y: np.ndarray) -> Line:
    """At most 200 of the points, ends included, spread evenly along x."""
    if len(x) > POINTS:
        near = np.searchsorted(x, np.linspace(x[0], x[-1], POINTS), side="left")
        keep = np.unique(np.concatenate([[0], near, [len(x) - 1]]))
        x, y = x[keep], y[keep]
    return Line(tuple(map(float, x)), tuple(map(float, y)))
