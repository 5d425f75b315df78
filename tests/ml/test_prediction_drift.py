"""Prediction drift: fugacity, densities and tests, without any ground truth."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

from penstock.core.drift_report import PredictionDrift
from penstock.core.score import Guess
from penstock.ml.prediction_drift import prediction_drift


def binary(shift: float, rows: int = 2_000, *, threshold: float = 0.5, seed: int = 0) -> Guess:
    p = 1 / (1 + np.exp(-np.random.default_rng(seed).normal(shift, 1, rows)))
    return Guess(label=(p >= threshold).astype(int), proba=np.column_stack([1 - p, p]), classes=(0, 1))


@pytest.mark.requirement("M77", "M78")
@pytest.mark.parametrize("threshold", [0.5, 0.73])
def test_fugacity_counts_the_predictions_at_the_versions_threshold(threshold: float) -> None:
    reference, current = binary(0, seed=1), binary(0.5, seed=2)
    found = prediction_drift(reference, current, "binary", threshold=threshold)
    assert [row.label for row in found.fugacity] == ["0", "1"]
    for guess, side in ((reference, "reference"), (current, "current")):
        shares = [getattr(row, side) for row in found.fugacity]
        assert guess.proba is not None
        assert shares[1] == pytest.approx(100 * (guess.proba[:, 1] >= threshold).mean())
        assert sum(shares) == pytest.approx(100)


def test_without_a_threshold_the_given_labels_count() -> None:
    found = prediction_drift(binary(0, threshold=0.8), binary(0, threshold=0.8, seed=3), "binary")
    assert found.fugacity[1].reference == pytest.approx(100 * binary(0, threshold=0.8).label.mean())


@pytest.mark.requirement("M77")
def test_each_class_has_a_density_over_probabilities() -> None:
    found = prediction_drift(binary(0), binary(1, seed=2), "binary")
    assert [d.label for d in found.densities] == ["proba_0", "proba_1"]
    assert (found.densities[0].points[0], found.densities[0].points[-1]) == (0.0, 1.0)
    assert len(found.densities[0].reference) == len(found.densities[0].current) == 500


@pytest.mark.requirement("M80")
def test_a_binary_model_has_psi_chi_square_and_ks() -> None:
    reference, current = binary(0, seed=1), binary(0.5, seed=2)
    found = prediction_drift(reference, current, "binary")
    assert reference.proba is not None
    assert current.proba is not None
    table = np.array([np.bincount(reference.label), np.bincount(current.label)])
    assert found.chi_square is not None
    assert found.ks is not None
    expected = float(stats.chi2_contingency(table, correction=False).pvalue)
    assert found.chi_square.p_value == pytest.approx(expected)
    gap = float(stats.ks_2samp(reference.proba[:, 1], current.proba[:, 1]).statistic)
    assert found.ks.value == pytest.approx(gap)
    assert (found.psi or 0) > 0.1


@pytest.mark.requirement("M79")
def test_a_class_of_one_side_only_has_zero_percent_on_the_other() -> None:
    reference = Guess(label=np.array([0, 0, 1] * 40), classes=("low", "high", "never"))
    current = Guess(label=np.array([0, 1, 2] * 40), classes=("low", "high", "never"))
    rows = {row.label: row for row in prediction_drift(reference, current, "multiclass").fugacity}
    assert (rows["never"].reference, rows["never"].relative_change) == (0.0, None)
    assert rows["never"].current == pytest.approx(100 / 3)
    assert rows["low"].relative_change == pytest.approx(-50)


@pytest.mark.requirement("M79")
def test_classes_that_only_one_side_knows_are_listed_too() -> None:
    reference = Guess(label=np.array([0, 1] * 40), classes=("a", "b"))
    current = Guess(label=np.array([0, 1] * 40), classes=("b", "c"))
    rows = prediction_drift(reference, current, "multiclass").fugacity
    assert [(r.label, r.reference, r.current) for r in rows] == [("a", 50, 0), ("b", 50, 50), ("c", 0, 50)]


@pytest.mark.requirement("M80")
def test_regression_has_deciles_psi_ks_and_one_density() -> None:
    random = np.random.default_rng(0)
    a, b = random.normal(10, 2, 3_000), random.normal(11, 2, 2_000)
    found = prediction_drift(Guess(label=a), Guess(label=b), "regression")
    assert [round(row.reference) for row in found.fugacity] == [10] * 10
    assert sum(row.current for row in found.fugacity) == pytest.approx(100)
    assert found.ks is not None
    assert found.ks.p_value == pytest.approx(float(stats.ks_2samp(a, b).pvalue))
    assert found.chi_square is None
    assert (found.psi or 0) > 0.1
    assert [d.label for d in found.densities] == ["prediction"]


@pytest.mark.parametrize("value", [5.0, 0.0])
def test_constant_and_infinite_regression_predictions_break_nothing(value: float) -> None:
    odd = Guess(label=np.array([value] * 20 + [np.nan, np.inf]))
    found = prediction_drift(Guess(label=np.full(30, value)), odd, "regression")
    json.dumps(found.to_dict(), allow_nan=False)
    assert sum(row.reference for row in found.fugacity) == pytest.approx(100)


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_an_empty_side_has_a_reason(kind: str) -> None:
    empty = Guess(label=np.array([], dtype=int), classes=("a", "b"))
    found = prediction_drift(binary(0), empty, kind)  # type: ignore[arg-type]
    assert found.reason == "One side has no prediction."
    assert PredictionDrift.from_dict(found.to_dict()) == found
