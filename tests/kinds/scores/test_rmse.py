"""RMSE against scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from penstock.core.score import Guess

from .given import NUMBER_GUESS, NUMBERS, WEIGHTS, regression, same, score


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["unweighted", "weighted"])
def test_it_equals_scikit_learn(weights: np.ndarray | None) -> None:
    assert same(
        score("rmse", NUMBERS, regression(weights)),
        metrics.root_mean_squared_error(NUMBERS, NUMBER_GUESS, sample_weight=weights),
    )


def test_it_is_in_units_of_the_target() -> None:
    assert score("rmse", [0.0, 0.0], Guess(np.array([3.0, 3.0]))) == 3.0
