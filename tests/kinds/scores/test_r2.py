"""R2 against scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from penstock.core.score import Guess

from .given import NUMBER_GUESS, NUMBERS, WEIGHTS, regression, same, score


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["unweighted", "weighted"])
def test_it_equals_scikit_learn(weights: np.ndarray | None) -> None:
    assert same(
        score("r2", NUMBERS, regression(weights)),
        metrics.r2_score(NUMBERS, NUMBER_GUESS, sample_weight=weights),
    )


def test_a_constant_truth_has_no_value() -> None:
    assert score("r2", [1.0, 1.0], Guess(np.array([1.0, 2.0]))) is None
