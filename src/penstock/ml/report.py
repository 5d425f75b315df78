"""What a version keeps beside its model: performance, curves, importances, diagnostics, trials, timing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from penstock.core.algorithm import Algorithm
from penstock.core.design import Design
from penstock.core.score import Guess
from penstock.ml import cells, explain, performance
from penstock.ml.curves import curves
from penstock.ml.diagnostics import Diagnostic, Facts, diagnose
from penstock.ml.explain import Importances
from penstock.ml.lesson import Learned, Lesson
from penstock.ml.performance import Judged
from penstock.ml.predictor import Prediction, Predictor
from penstock.ml.search import Found, Trial

SHAPLEY_ROWS, SAMPLED_SHAPLEY_ROWS = 1000, 100
PERMUTATION_ROWS, PERMUTATION_REPEATS = 5000, 2
MANY_FEATURES = 50
"""With more features sampled Shapley importance is left out unless it is asked for."""


@dataclass(frozen=True, slots=True)
class Taught:
    """What came of learning from one set of train rows."""

    predictor: Predictor
    learned: Learned
    found: Found
    lesson: Lesson


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Facts about one trained version, JSON-ready by `as_mapping()`."""

    algorithm: str
    hyperparameters: dict[str, Any]
    main_metric: str
    performance: dict[str, float | None]
    spread: dict[str, float | None]
    """± 2 standard deviations over the folds of a cross-test; empty otherwise."""
    unavailable: dict[str, str]
    """Score id → why it has no value."""
    curves: dict[str, Any]
    importances: Importances
    diagnostics: tuple[Diagnostic, ...]
    trials: tuple[Trial, ...]
    search_stopped: str
    train_rows: int
    test_rows: int
    dropped_rows: int
    features: tuple[str, ...]
    matrix_columns: tuple[str, ...]
    coefficients: dict[str, list[float]] = field(default_factory=dict)
    """Linear models: matrix column → weight per class."""
    timing: dict[str, float]

    def as_mapping(self) -> dict[str, Any]:
        return asdict(self)


def importances(
    design: Design, predictor: Predictor, winner: Algorithm, test: pa.Table, judged: Judged
) -> Importances:
    """Shapley and permutation importance on a sample of the judged test rows."""
    if design.importance == "off" or not len(judged.rows):
        return Importances(
            None, None, "Switched off." if design.importance == "off" else "No test row to look at."
        )
    exact = explain.is_exact(predictor)
    too_slow = not exact and (winner.EXPENSIVE_TO_EXPLAIN or len(predictor.features) > MANY_FEATURES)
    skip = too_slow and design.importance != "all"
    shapley = None
    if not skip:
        rows = _some(len(judged.rows), SHAPLEY_ROWS if exact else SAMPLED_SHAPLEY_ROWS, design.seed)
        matrix, _ = predictor.preparation.matrix(test.take(pa.array(judged.rows[rows])))
        shapley = explain.shapley_importance(predictor, matrix, seed=design.seed)
    permutation = None if skip else _permutation(design, predictor, test, judged)
    note = "Left out: slow for this algorithm or so many features. Set importance: all." if skip else ""
    return Importances(shapley, permutation, note, exact and not skip)


def _permutation(
    design: Design, predictor: Predictor, test: pa.Table, judged: Judged
) -> dict[str, float] | None:
    """Feature → loss of the main metric when its cells are shuffled over the rows, mean of two shuffles."""
    assert design.metric is not None
    rows = _some(len(judged.rows), PERMUTATION_ROWS, design.seed)
    matrix, _ = predictor.preparation.matrix(test.take(pa.array(judged.rows[rows])))
    truth, guess = judged.truth[rows], performance.taken(judged.guess, rows)
    base = design.metric.score(truth, guess)
    if base is None:
        return None
    random = np.random.default_rng(design.seed)
    sign = 1.0 if performance.better(design.metric) else -1.0
    losses = {}
    for name, group in predictor.preparation.groups.items():
        kept = matrix[:, group].copy()
        found = []
        for _ in range(PERMUTATION_REPEATS):
            matrix[:, group] = kept[random.permutation(len(kept))]
            found.append(design.metric.score(truth, _guess_again(predictor, matrix, guess)))
        matrix[:, group] = kept
        losses[name] = sign * (base - float(np.mean([base if f is None else f for f in found])))
    return dict(sorted(losses.items(), key=lambda item: -item[1]))


def _guess_again(predictor: Predictor, matrix: np.ndarray, like: Guess) -> Guess:
    prediction = predictor.predict_matrix(matrix)
    return Guess(
        prediction.place, prediction.proba, like.weights, like.classes, like.settings, like.reference
    )


def _some(rows: int, most: int, seed: int) -> np.ndarray:
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def report_of(
    design: Design,
    taught: Taught,
    judged: Judged,
    weights: Importances,
    prediction: Prediction,
    spread: dict[str, float | None],
    timing: Mapping[str, float],
    *,
    table: pa.Table,
) -> Report:
    """Put the facts together."""
    assert design.prediction_type is not None
    assert design.metric is not None
    predictor, learned = taught.predictor, taught.learned
    custom = [design.metric] if design.metric.CODE == "customScore" else []
    scores = performance.performance(judged.truth, judged.guess, design.prediction_type, also=custom)
    train_rows, dropped = int(learned.kept.sum()), int((~learned.kept).sum())
    facts = _facts(design, taught, judged, weights, prediction, scores, timing)
    return Report(
        algorithm=predictor.algorithm,
        hyperparameters=taught.found.winner.settings(),
        main_metric=performance.score_id(design.metric),
        performance=scores,
        spread=spread,
        unavailable=performance.unavailable(scores, judged.guess),
        curves=curves(judged.truth, judged.guess, design.prediction_type),
        importances=weights,
        diagnostics=diagnose(facts, design.diagnostics),
        trials=taught.found.trials,
        search_stopped=taught.found.stopped,
        train_rows=train_rows,
        test_rows=len(prediction.scored),
        dropped_rows=dropped,
        features=predictor.features,
        matrix_columns=predictor.preparation.columns,
        coefficients=coefficients(learned.estimator, predictor.preparation.columns),
        timing=dict(timing),
    )


def _facts(
    design: Design,
    taught: Taught,
    judged: Judged,
    weights: Importances,
    prediction: Prediction,
    scores: Mapping[str, float | None],
    timing: Mapping[str, float],
) -> Facts:
    assert design.prediction_type is not None
    learned, lesson, winner = taught.learned, taught.lesson, taught.found.winner
    leaves, pure = tree_facts(learned.estimator, len(learned.matrix), bool(lesson.count))
    failures = {f"fitting {taught.predictor.algorithm}": c for c in learned.complaints}
    if lesson.by_class and not winner.TAKES_WEIGHTS:
        failures["class weights"] = f"{taught.predictor.algorithm} has no use for row weights."
    return Facts(
        prediction_type=design.prediction_type,
        classes=taught.predictor.classes,
        train_target=lesson.truth,
        test_target=judged.truth,
        train_rows=int(learned.kept.sum()),
        test_rows=len(prediction.scored),
        dropped_by=dropped_by(design, lesson.table) if not learned.kept.all() else {},
        dropped_rows=int((~learned.kept).sum()),
        metrics=scores,
        shapley=weights.shapley or {},
        predicted=judged.guess.label if lesson.count else None,
        truth=judged.truth,
        leaves=leaves,
        pure_trees=pure,
        seconds=timing.get("total", 0.0),
        failures=failures,
    )


def dropped_by(design: Design, table: pa.Table) -> dict[str, int]:
    """Column → rows whose empty cell drops them."""
    droppers = [n for n, f in design.features.items() if f.handling and f.handling.missing == "drop"]
    return {n: _empty(table, n) for n in droppers if _empty(table, n)}


def _empty(table: pa.Table, name: str) -> int:
    column = table[name]
    if cells.cell_type(column.type) in ("integer", "number"):
        return int(np.isnan(cells.numbers(column, name=name)).sum())
    return int(column.null_count)


def tree_facts(estimator: Any, rows: int, classes: bool) -> tuple[list[float], list[bool]]:
    """Of each tree: leaves as a share of the rows, and whether all its leaves are pure. Empty for other models."""
    booster = getattr(estimator, "booster_", None)
    if booster is not None:
        trees = booster.dump_model()["tree_info"]
        return [t["num_leaves"] / max(1, rows) for t in trees], []
    trees = getattr(estimator, "estimators_", None)
    trees = [estimator] if trees is None else list(np.ravel(np.asarray(trees, dtype=object)))
    grown = [t.tree_ for t in trees if hasattr(t, "tree_")]
    leaves = [int(t.n_leaves) / max(1, rows) for t in grown]
    pure = [bool((t.impurity[t.children_left == -1] <= 1e-12).all()) for t in grown] if classes else []
    return leaves, pure


def coefficients(estimator: Any, columns: tuple[str, ...]) -> dict[str, list[float]]:
    """Linear models: matrix column → weight(s); they compare when the features are rescaled."""
    weights = getattr(estimator, "coef_", None)
    if weights is None:
        return {}
    table = np.atleast_2d(np.asarray(weights, dtype=np.float64))
    if table.shape[1] != len(columns):
        return {}
    return {name: [float(v) for v in table[:, i]] for i, name in enumerate(columns)}
