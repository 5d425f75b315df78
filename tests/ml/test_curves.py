"""Pictures are small, plain and agree with the scores."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn import metrics

from penstock.core.score import Guess
from penstock.ml import curves, measures

from .models import TARGETS, trained

RANDOM = np.random.default_rng(4)
PROBA = RANDOM.random(5000)
TRUTH = (RANDOM.random(5000) < PROBA).astype(np.int64)
GUESS = Guess((PROBA >= 0.5).astype(np.int64), np.column_stack([1 - PROBA, PROBA]), None, (0, 1))
RANKED = measures.ranking(TRUTH, PROBA, np.ones(5000))


@pytest.mark.requirement("M39")
@pytest.mark.parametrize("target", TARGETS)
def test_every_picture_is_there_in_plain_json(target: str) -> None:
    drawn = json.loads(json.dumps(trained(target).report.curves, allow_nan=False))
    if target == "minutes":
        assert set(drawn) == {"scatter", "errors"}
    else:
        expected = {"classes", "confusion", "by_class"} | (
            {"decision", "lift"} if target == "late" else set()
        )
        assert set(drawn) == expected
        for picture in drawn["by_class"].values():
            assert set(picture) >= {"roc", "precision_recall", "calibration", "density", "auc"}
    assert len(json.dumps(drawn)) < 100_000


@pytest.mark.requirement("M40")
def test_moving_the_threshold_moves_the_confusion_and_what_follows_from_it() -> None:
    low, high = curves.at_threshold(TRUTH, GUESS, 0.2), curves.at_threshold(TRUTH, GUESS, 0.8)
    assert low.tp > high.tp
    for name in ("precision", "recall", "f1", "gain"):
        assert getattr(low, name) != getattr(high, name)
    expected = metrics.f1_score(TRUTH, PROBA >= 0.8)
    assert high.f1 == pytest.approx(expected)


def test_the_decision_chart_has_a_point_per_hundredth() -> None:
    chart = curves.decision_chart(TRUTH, GUESS)
    assert [p.threshold for p in chart[:3]] == [0.0, 0.01, 0.02]
    assert len(chart) == 101
    assert chart[0].recall == 1


def test_confusion_counts_rows_by_true_and_predicted_class() -> None:
    table = curves.confusion(TRUTH, GUESS)
    np.testing.assert_array_equal(table, metrics.confusion_matrix(TRUTH, GUESS.label))


def test_the_thinned_roc_keeps_its_area() -> None:
    line = curves.roc(RANKED)
    assert line is not None
    assert len(line.x) <= 202
    assert (line.x[0], line.y[0], line.x[-1], line.y[-1]) == (0, 0, 1, 1)
    assert np.trapezoid(line.y, line.x) == pytest.approx(measures.roc_area(RANKED), abs=1e-3)


def test_lift_starts_above_one_and_the_tenths_average_to_one() -> None:
    found = curves.lift(RANKED)
    assert found is not None
    assert found.by_tenth[0] > 1.5
    assert np.mean(found.by_tenth) == pytest.approx(1)
    assert found.perfect == pytest.approx(TRUTH.mean())


def test_calibration_of_true_probabilities_lies_on_the_diagonal() -> None:
    for point in curves.calibration(TRUTH, PROBA, np.ones(5000)):
        assert point.observed == pytest.approx(point.predicted, abs=0.07)


def test_densities_sum_to_one() -> None:
    sides = curves.density(TRUTH, PROBA, np.ones(5000))
    assert all(sum(values) == pytest.approx(1) for values in sides.values())


def test_errors_in_a_table_and_a_histogram() -> None:
    found = curves.errors(np.zeros(101), Guess(np.arange(-50.0, 51)))
    assert found is not None
    assert (found.table["min"], found.table["median"], found.table["max"]) == (-50, 0, 50)
    assert sum(found.counts) == 101


def test_a_perfect_regression_has_a_histogram_too() -> None:
    found = curves.errors(np.zeros(5), Guess(np.zeros(5)))
    assert found is not None
    assert sum(found.counts) == 5


def test_a_scatter_is_bounded() -> None:
    assert len(curves.scatter(np.arange(5000.0), Guess(np.arange(5000.0))).x) == 1000


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_nothing_to_draw_is_no_error(kind: str) -> None:
    classes = {"binary": (0, 1), "multiclass": (0, 1, 2), "regression": ()}[kind]
    label = np.array([], dtype=float if kind == "regression" else np.int64)
    proba = np.empty((0, len(classes))) if classes else None
    json.dumps(curves.curves(label, Guess(label, proba, None, classes), kind), allow_nan=False)  # type: ignore[arg-type]


def test_without_probabilities_only_the_confusion_is_drawn() -> None:
    drawn = curves.curves(TRUTH, Guess(GUESS.label, None, None, (0, 1)), "binary")
    assert set(drawn) == {"classes", "confusion"}
