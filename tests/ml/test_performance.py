"""Which rows are judged, all scores at once, and the best threshold."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from sklearn import metrics

from penstock.core.errors import ColumnMissing, Invalid
from penstock.core.score import CostMatrix, Guess
from penstock.kinds.scores.custom_score import CustomScore
from penstock.ml import performance
from penstock.ml.performance import best_threshold, counts_at, from_columns, judge

from .models import trained, visits

CODES = {
    "binary": {
        "accuracy", "precision", "recall", "f1", "costMatrixGain", "logLoss", "auc", "averagePrecision",
        "calibrationLoss", "lift",
    },
    "multiclass": {
        "accuracy", "precision", "recall", "f1", "hammingLoss", "logLoss", "mrocAUC", "averagePrecision",
        "mcalibrationLoss",
    },
    "regression": {"r2", "evs", "mape", "mae", "mse", "rmse", "rmsle", "pearson"},
}  # fmt: skip


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_all_scores_of_a_prediction_type_are_computed(kind: str) -> None:
    target = {"binary": "late", "multiclass": "level", "regression": "minutes"}[kind]
    assert set(trained(target).performance) == CODES[kind]


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("rows", [0, 1, 2])
def test_no_score_is_ever_nan(kind: str, rows: int) -> None:
    classes = {"binary": (0, 1), "multiclass": ("a", "b", "c"), "regression": ()}[kind]
    label = np.zeros(rows) if kind == "regression" else np.zeros(rows, dtype=np.int64)
    proba = np.full((rows, len(classes)), 1 / len(classes)) if classes else None
    found = performance.performance(label, Guess(label, proba, None, classes), kind)  # type: ignore[arg-type]
    assert all(v is None or math.isfinite(v) for v in found.values())
    if rows == 0:
        assert set(found.values()) == {None}


def test_a_score_without_a_value_has_a_reason() -> None:
    guess = Guess(np.array([0, 1]), None, None, (0, 1))
    found = performance.performance(np.array([0, 1]), guess, "binary")
    assert "It needs probabilities" in performance.unavailable(found, guess)["auc"]
    assert "accuracy" not in performance.unavailable(found, guess)


@pytest.mark.requirement("M25")
def test_rows_without_a_label_are_left_out_and_counted() -> None:
    predictor, table = trained().predictor, visits(100, 2)
    late = pa.array(
        [None if i < 30 else ("7" if i < 35 else str(v)) for i, v in enumerate(table["late"].to_pylist())]
    )
    mixed = table.set_column(table.schema.get_field_index("late"), "late", late)
    judged = judge(predictor, mixed, predictor.predict(mixed))
    labelled = table.slice(35)
    alone = judge(predictor, labelled, predictor.predict(labelled))
    assert (judged.unlabelled, judged.unknown, len(judged.truth)) == (30, 5, 65)
    assert performance.performance(judged.truth, judged.guess, "binary") == performance.performance(
        alone.truth, alone.guess, "binary"
    )


def test_no_target_column_is_an_error_that_names_it() -> None:
    table = visits(10, 2).drop_columns(["late"])
    with pytest.raises(ColumnMissing, match="'late'"):
        judge(trained().predictor, table, trained().predictor.predict(table))


@pytest.mark.requirement("M29")
def test_a_scored_dataset_alone_gives_the_same_scores() -> None:
    model = trained("level")
    found = from_columns(
        model.test,
        prediction_type="multiclass",
        target_column="level",
        classes=model.predictor.classes,
        probas=dict(zip(model.predictor.class_names, model.predictor.proba_columns, strict=True)),
    )
    assert performance.performance(found.truth, found.guess, "multiclass") == dict(model.performance)


def test_a_class_without_a_probability_column_is_refused() -> None:
    model = trained()
    with pytest.raises(Invalid, match="for class 1"):
        from_columns(
            model.test,
            prediction_type="binary",
            target_column="late",
            classes=(0, 1),
            probas={"0": "proba_0"},
        )


def test_negative_weights_are_refused() -> None:
    with pytest.raises(Invalid, match="cannot be a weight"):
        performance.row_weights(pa.table({"w": [1.0, -1.0]}), "w")


@pytest.mark.requirement("M40")
def test_counts_at_every_threshold_equal_counting_each() -> None:
    random = np.random.default_rng(1)
    truth, proba = random.integers(0, 2, 300), np.round(random.random(300), 2)
    cuts = np.array([0.0, 0.25, 0.5, 0.505, 1.0])
    for cut, found in zip(cuts, counts_at(truth, proba, np.ones(300), cuts), strict=True):
        tn, fp, fn, tp = metrics.confusion_matrix(truth, proba >= cut, labels=[0, 1]).ravel()
        assert (found.tp, found.fp, found.tn, found.fn) == (tp, fp, tn, fn)


@pytest.mark.parametrize("optimise", ["f1", "accuracy", "cost_matrix_gain"])
def test_no_other_threshold_is_better(optimise: str) -> None:
    random = np.random.default_rng(2)
    proba = random.random(500)
    truth = (random.random(500) < proba**2).astype(np.int64)
    costs = CostMatrix(tp=2, fp=-1, fn=-0.5)
    cut = best_threshold(truth, proba, None, optimise, costs)

    def value(threshold: float) -> float:
        [counts] = counts_at(truth, proba, np.ones(500), np.array([threshold]))
        found = counts.gain(costs) if optimise == "cost_matrix_gain" else getattr(counts, optimise)
        return float(found)

    assert all(value(cut) >= value(t) for t in performance.THRESHOLDS)


def test_of_equal_thresholds_the_middle_one_is_taken() -> None:
    cut = best_threshold(np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.8, 0.9]), None, "f1", CostMatrix())
    assert cut == pytest.approx(0.5, abs=0.005)


def test_a_custom_score_is_kept_under_its_own_name() -> None:
    code = "def score(truth, prediction):\n    return float((truth == 'high').sum())"
    model = trained("level")
    assert model.judged is not None
    also = [CustomScore(name="highs", code=code)]
    found = performance.performance(model.judged.truth, model.judged.guess, "multiclass", also=also)
    assert found["highs"] == model.test["level"].to_pylist().count("high")
