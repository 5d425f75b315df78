"""Confidence-based performance estimation: closed forms, worlds whose truth is known, and NannyML's own answers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from penstock.core.score import CostMatrix, Guess, MetricSettings
from penstock.ml import calibration, cbpe, performance
from penstock.ml.cbpe import Calibrated

FIXTURES = Path(__file__).parents[1] / "fixtures" / "nannyml"
ORACLE = json.loads((FIXTURES / "estimates.json").read_text())
"""What NannyML 0.13.1 (LightGBM 4.5, scikit-learn 1.9) answers for the same rows, isotonic calibration."""
RIGHT = Calibrated(way="none", rows=10**9, low=0.0, high=1.0)
"""Probabilities that are right as they are, known from endless rows."""


def sigmoid(z: np.ndarray) -> np.ndarray:
    out: np.ndarray = 1 / (1 + np.exp(-z))
    return out


def two(positive: np.ndarray) -> np.ndarray:
    return np.column_stack([1 - positive, positive])


def guess(proba: np.ndarray, threshold: float = 0.5, **words: object) -> Guess:
    label = (proba[:, 1] >= threshold).astype(np.int64) if proba.shape[1] == 2 else proba.argmax(axis=1)
    return Guess(label=label, proba=proba, classes=tuple(range(proba.shape[1])), **words)  # type: ignore[arg-type]


def world(rows: int, seed: int, *, shift: float = 0.0, sure: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of a model and what came true; `sure` above 1 makes the model too sure of itself."""
    random = np.random.default_rng(seed)
    x = random.normal(shift, 1, rows)
    return two(sigmoid(sure * 1.2 * x)), (random.random(rows) < sigmoid(1.2 * x)).astype(np.int64)


def test_expected_counts_of_a_few_rows_are_those_of_a_pencil() -> None:
    settings = MetricSettings(cost_matrix=CostMatrix(tp=2, fp=-1, tn=0.5, fn=-3))
    found = cbpe.estimate(
        RIGHT, guess(two(np.array([0.9, 0.6, 0.2, 0.1])), settings=settings), "binary"
    ).scores
    tp, fp, fn, tn = 0.9 + 0.6, 0.1 + 0.4, 0.2 + 0.1, 0.8 + 0.9
    assert found["accuracy"].value == pytest.approx((tp + tn) / 4)
    assert found["precision"].value == pytest.approx(tp / (tp + fp))
    assert found["recall"].value == pytest.approx(tp / (tp + fn))
    assert found["f1"].value == pytest.approx(2 * tp / (2 * tp + fp + fn))
    assert found["costMatrixGain"].value == pytest.approx((2 * tp - fp + 0.5 * tn - 3 * fn) / 4)
    entropy = -sum(p * np.log(p) + (1 - p) * np.log(1 - p) for p in (0.9, 0.6, 0.2, 0.1)) / 4
    assert found["logLoss"].value == pytest.approx(entropy)


def test_auc_of_a_few_rows_is_the_chance_of_each_pair() -> None:
    """Σ of p_i (1 − p_j) over pairs, won when i ranks above j, half won by a row against itself; over Σp Σ(1 − p)."""
    p = np.array([0.9, 0.6, 0.2])
    won = sum(a * (1 - b) * (a > b) + 0.5 * a * (1 - b) * (a == b) for a in p for b in p)
    found = cbpe.estimate(RIGHT, guess(two(p)), "binary").scores["auc"].value
    assert found == pytest.approx(won / (p.sum() * (1 - p).sum()))


def test_evenly_spread_probabilities_have_the_scores_of_the_textbook() -> None:
    """p uniform on (0, 1): accuracy 3/4, recall 3/4, AUC = (∫ p (p − p²/2) dp) / (1/4) = 5/6."""
    p = (np.arange(20_000) + 0.5) / 20_000
    found = cbpe.estimate(RIGHT, guess(two(p)), "binary").scores
    assert found["accuracy"].value == pytest.approx(3 / 4, abs=1e-4)
    assert found["recall"].value == pytest.approx(3 / 4, abs=1e-4)
    assert found["auc"].value == pytest.approx(5 / 6, abs=1e-4)


def test_three_classes_count_for_each_by_their_probability() -> None:
    proba = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]])
    settings = MetricSettings(averaging="unweighted")
    found = cbpe.estimate(RIGHT, guess(proba, settings=settings), "multiclass").scores
    assert found["accuracy"].value == pytest.approx((0.7 + 0.8 + 0.4) / 3)
    assert found["hammingLoss"].value == pytest.approx(1 - (0.7 + 0.8 + 0.4) / 3)
    assert found["precision"].value == pytest.approx((0.7 + 0.8 + 0.4) / 3)
    recalls = [0.7 / 1.1, 0.8 / 1.3, 0.4 / 0.6]
    assert found["recall"].value == pytest.approx(np.mean(recalls))


def test_weights_of_rows_count() -> None:
    proba = two(np.array([0.9, 0.2]))
    found = cbpe.estimate(RIGHT, guess(proba, weights=np.array([3.0, 1.0])), "binary").scores
    assert found["accuracy"].value == pytest.approx((3 * 0.9 + 0.8) / 4)


def test_what_judges_the_probabilities_themselves_is_not_estimated() -> None:
    proba, _ = world(500, 1)
    found = cbpe.estimate(RIGHT, guess(proba), "binary")
    assert "calibrationLoss" not in found.scores
    assert "takes them for right" in found.unavailable["calibrationLoss"]


@pytest.mark.parametrize("shift", [0.0, 0.8])
def test_an_overconfident_model_is_seen_through_also_where_the_data_moved(shift: float) -> None:
    """The model says 2.5 times the log-odds that are true. Its own probabilities promise far too much."""
    learned = cbpe.learn(*world(20_000, 1, sure=2.5))
    assert learned.way != "none"
    proba, truth = world(20_000, 2, shift=shift, sure=2.5)
    measured = performance.performance(truth, guess(proba), "binary")
    found = cbpe.estimate(learned, guess(proba), "binary").scores
    naive = cbpe.estimate(RIGHT, guess(proba), "binary").scores
    for code in ("auc", "accuracy", "f1", "logLoss"):
        assert found[code].value == pytest.approx(measured[code], abs=0.02), code
    assert naive["accuracy"].value > measured["accuracy"] + 0.05  # type: ignore[operator]


def test_probabilities_that_are_right_stay_as_they_are() -> None:
    learned = cbpe.learn(*world(5_000, 3))
    assert (learned.way, learned.calibrator) == ("none", None)
    assert set(learned.tried) == {"none", "sigmoid", "isotonic"}


@pytest.mark.slow
def test_the_band_holds_the_measured_score_as_often_as_it_promises() -> None:
    """100 fresh batches from the same world; the estimator learned from 4,000 rows. 95 % is promised; a fair coin with
    0.95 falls below 87 of 100 once in 2,000 trials."""
    learned = cbpe.learn(*world(4_000, 4, sure=2.0))
    inside: dict[str, int] = {}
    for seed in range(100):
        proba, truth = world(1_000, 1_000 + seed, sure=2.0)
        measured = performance.performance(truth, guess(proba), "binary")
        for code, one in cbpe.estimate(learned, guess(proba), "binary").scores.items():
            value = measured[code]
            assert value is not None
            inside[code] = inside.get(code, 0) + one.holds(value)
    assert len(inside) == 9
    assert min(inside.values()) >= 86, inside
    assert np.mean([*inside.values()]) < 99.5, "bands that hold always say nothing"


def test_a_larger_batch_and_a_larger_reference_narrow_the_band() -> None:
    proba, _ = world(8_000, 5)

    def width(rows: int, reference: int) -> float:
        learned = RIGHT.changed(rows=reference)
        one = cbpe.estimate(learned, guess(proba[:rows]), "binary").scores["accuracy"]
        return one.upper - one.lower

    assert width(8_000, 10**9) == pytest.approx(width(2_000, 10**9) / 2, rel=0.1)
    assert width(2_000, 2_000) == pytest.approx(width(2_000, 10**9) * np.sqrt(2), rel=0.02)


def test_the_band_of_an_accuracy_is_that_of_coins() -> None:
    """Rows that are right with 0.8 each: the standard deviation of their share is √(0.16/n)."""
    one = cbpe.estimate(RIGHT, guess(two(np.full(2_000, 0.8))), "binary").scores["accuracy"]
    assert one.upper - one.value == pytest.approx(1.96 * np.sqrt(0.16 / 2_000), rel=0.2)


def test_a_share_never_leaves_its_range() -> None:
    one = cbpe.estimate(RIGHT.changed(rows=50), guess(two(np.full(60, 0.999))), "binary").scores["accuracy"]
    assert (one.upper, one.lower > 0.9) == (1.0, True)


def test_rows_outside_of_what_the_reference_knows_are_counted() -> None:
    learned = RIGHT.changed(low=0.6, high=0.9)
    found = cbpe.estimate(learned, guess(two(np.array([0.95, 0.7, 0.2, 0.45]))), "binary")
    assert found.outside == 0.5


def test_the_same_rows_give_the_same_numbers() -> None:
    proba, truth = world(2_000, 6, sure=2)
    one, two_ = (cbpe.estimate(cbpe.learn(proba, truth), guess(proba), "binary") for _ in range(2))
    assert one == two_


def test_many_rows_are_drawn_from() -> None:
    proba, _ = world(250_000, 7)
    found = cbpe.estimate(RIGHT, guess(proba), "binary")
    assert found.rows == 250_000
    assert found.scores["accuracy"].value == pytest.approx(proba.max(axis=1).mean(), abs=0.002)


def _columns(table: pa.Table, *names: str) -> list[np.ndarray]:
    return [table[name].to_numpy() for name in names]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("roc_auc", "auc"), ("average_precision", "averagePrecision"), ("f1", "f1"), ("precision", "precision"),
        ("recall", "recall"), ("accuracy", "accuracy"),
    ],
)  # fmt: skip
def test_two_classes_are_estimated_as_nannyml_does(theirs: str, ours: str) -> None:
    before, label, truth = _columns(
        pq.read_table(FIXTURES / "binary_reference.parquet"), "proba", "prediction", "truth"
    )
    proba, label = _columns(pq.read_table(FIXTURES / "binary_current.parquet"), "proba", "prediction")
    bent = calibration.fit("isotonic", two(before), truth, None)
    learned = RIGHT.changed(way="isotonic", calibrator=bent, rows=len(truth))
    found = cbpe.estimate(learned, Guess(label=label, proba=two(proba), classes=(0, 1)), "binary").scores[
        ours
    ]
    assert found.value == pytest.approx(ORACLE["binary"][theirs]["value"], abs=1e-6)


@pytest.mark.parametrize(
    ("theirs", "ours"), [("roc_auc", "mrocAUC"), *((s, s) for s in ("f1", "precision", "recall", "accuracy"))]
)
def test_three_classes_are_estimated_as_nannyml_does(theirs: str, ours: str) -> None:
    before, now = (
        pq.read_table(FIXTURES / f"multiclass_{which}.parquet") for which in ("reference", "current")
    )
    classes = np.array(["a", "b", "c"])

    def proba(table: pa.Table) -> np.ndarray:
        return np.column_stack(_columns(table, *(f"p_{c}" for c in classes)))

    def codes(table: pa.Table, name: str) -> np.ndarray:
        found: np.ndarray = np.searchsorted(classes, table[name].to_numpy().astype(str))
        return found

    bent = calibration.fit("isotonic", proba(before), codes(before, "truth"), None)
    learned = RIGHT.changed(way="isotonic", calibrator=bent)
    told = Guess(
        label=codes(now, "prediction"), proba=proba(now), classes=("a", "b", "c"),
        settings=MetricSettings(averaging="unweighted"),
    )  # fmt: skip
    found = cbpe.estimate(learned, told, "multiclass").scores[ours]
    assert found.value == pytest.approx(ORACLE["multiclass"][theirs]["value"], abs=1e-7)
