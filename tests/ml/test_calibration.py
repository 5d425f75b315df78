"""Calibrated probabilities are closer to observed frequencies, and stay probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import _SigmoidCalibration

from penstock.ml import calibration, measures
from penstock.ml.calibration import Calibrator, Curve, fit, logit

RANDOM = np.random.default_rng(0)
TRUE = RANDOM.random(4000)
HIT = (RANDOM.random(4000) < TRUE).astype(np.int64)
SURE = 1 / (1 + np.exp(-3 * logit(TRUE)))  # three times too sure
PROBA = np.column_stack([1 - SURE, SURE])


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_calibration_undoes_being_too_sure(method: str) -> None:
    bent = fit(method, PROBA, HIT, None).bend(PROBA)  # type: ignore[arg-type]
    weights = np.ones(4000)
    before = measures.calibration_loss(HIT, SURE, weights)
    after = measures.calibration_loss(HIT, bent[:, 1], weights)
    assert before is not None
    assert after is not None
    assert after < 0.2 * before
    np.testing.assert_allclose(bent.sum(axis=1), 1, atol=1e-12)


def test_sigmoid_equals_scikit_learn() -> None:
    ours = fit("sigmoid", PROBA, HIT, None).bend(PROBA)[:, 1]
    theirs = _SigmoidCalibration().fit(logit(SURE), HIT).predict(logit(SURE))
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_weights_count_as_that_many_rows() -> None:
    twice = np.where(HIT == 1, 2.0, 1.0)
    rows = np.repeat(np.arange(4000), twice.astype(int))
    weighted, repeated = fit("isotonic", PROBA, HIT, twice), fit("isotonic", PROBA[rows], HIT[rows], None)
    np.testing.assert_allclose(weighted.bend(PROBA), repeated.bend(PROBA), atol=1e-9)


def test_several_classes_are_rescaled_to_one() -> None:
    proba = RANDOM.dirichlet([1, 2, 3], 500)
    codes = np.array([RANDOM.choice(3, p=p) for p in proba])
    bent = fit("isotonic", proba, codes, None).bend(proba)
    np.testing.assert_allclose(bent.sum(axis=1), 1, atol=1e-12)
    assert bent.min() >= 0


def test_all_zero_becomes_all_alike() -> None:
    flat = Curve(x=(0.0, 1.0), y=(0.0, 0.0))
    bent = Calibrator(method="isotonic", curves=(flat, flat, flat)).bend(np.array([[0.2, 0.3, 0.5]]))
    np.testing.assert_allclose(bent, 1 / 3)


def test_certainty_has_finite_log_odds() -> None:
    assert np.isfinite(calibration.logit(np.array([0.0, 1.0]))).all()
