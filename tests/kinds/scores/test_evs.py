"""EVS against scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from penstock.core.score import Guess

from .given import NUMBER_GUESS, NUMBERS, WEIGHTS, regression, same, score


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["unweighted", "weighted"])
def test_it_equals_scikit_learn(weights: np.ndarray | None) -> None:
    assert same(
        score("evs", NUMBERS, regression(weights)),
        metrics.explained_variance_score(NUMBERS, NUMBER_GUESS, sample_weight=weights),
    )


def test_a_constant_error_is_forgiven() -> None:
    assert score("evs", [1.0, 2.0, 3.0], Guess(np.array([2.0, 3.0, 4.0]))) == 1.0
