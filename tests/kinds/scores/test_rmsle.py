"""RMSLE against scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from penstock.core.score import Guess

from .given import NUMBER_GUESS, NUMBERS, WEIGHTS, regression, same, score


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["unweighted", "weighted"])
def test_it_equals_scikit_learn(weights: np.ndarray | None) -> None:
    assert same(
        score("rmsle", NUMBERS, regression(weights)),
        metrics.root_mean_squared_log_error(NUMBERS, NUMBER_GUESS, sample_weight=weights),
    )


def test_negative_values_have_no_logarithm() -> None:
    assert score("rmsle", [1.0, -2.0], Guess(np.array([1.0, 2.0]))) is None
    assert score("rmsle", [1.0, 2.0], Guess(np.array([-1.5, 2.0]))) is None
