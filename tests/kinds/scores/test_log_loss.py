"""Log loss against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from penstock.core.score import Guess

from .given import BINARY, CLASSES, PROBA, PROBAS, WEIGHTS, binary, multiclass, same, score


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["unweighted", "weighted"])
def test_it_equals_scikit_learn(weights: np.ndarray | None) -> None:
    two = metrics.log_loss(BINARY, PROBA, sample_weight=weights)
    three = metrics.log_loss(CLASSES, PROBAS, sample_weight=weights)
    assert same(score("log_loss", BINARY, binary(weights)), two)
    assert same(score("log_loss", CLASSES, multiclass(weights)), three)


def test_being_sure_and_wrong_is_finite() -> None:
    sure = Guess(np.array([1]), np.array([[0.0, 1.0]]), None, (0, 1))
    found = score("log_loss", np.array([0]), sure)
    assert found is not None
    assert 30 < found < 40


def test_it_needs_probabilities() -> None:
    assert score("log_loss", np.array([0]), Guess(np.array([1]), None, None, (0, 1))) is None
