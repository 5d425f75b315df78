"""MAPE against scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from penstock.core.score import Guess

from .given import NUMBER_GUESS, NUMBERS, WEIGHTS, regression, same, score


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["unweighted", "weighted"])
def test_it_equals_scikit_learn(weights: np.ndarray | None) -> None:
    assert same(
        score("mape", NUMBERS, regression(weights)),
        metrics.mean_absolute_percentage_error(NUMBERS, NUMBER_GUESS, sample_weight=weights),
    )


def test_rows_whose_truth_is_zero_are_left_out() -> None:
    assert score("mape", [0.0, 2.0], Guess(np.array([5.0, 3.0]))) == 0.5
    assert score("mape", [0.0], Guess(np.array([5.0]))) is None
