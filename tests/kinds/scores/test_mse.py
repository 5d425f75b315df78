"""MSE against scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from penstock.core.score import Guess

from .given import NUMBER_GUESS, NUMBERS, WEIGHTS, regression, same, score


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["unweighted", "weighted"])
def test_it_equals_scikit_learn(weights: np.ndarray | None) -> None:
    assert same(
        score("mse", NUMBERS, regression(weights)),
        metrics.mean_squared_error(NUMBERS, NUMBER_GUESS, sample_weight=weights),
    )


def test_a_perfect_guess_has_no_error() -> None:
    assert score("mse", [1.0, 2.0], Guess(np.array([1.0, 2.0]))) == 0.0
