"""MAE against scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from penstock.core.score import Guess

from .given import NUMBER_GUESS, NUMBERS, WEIGHTS, regression, same, score


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["unweighted", "weighted"])
def test_it_equals_scikit_learn(weights: np.ndarray | None) -> None:
    assert same(
        score("mae", NUMBERS, regression(weights)),
        metrics.mean_absolute_error(NUMBERS, NUMBER_GUESS, sample_weight=weights),
    )


def test_no_rows_have_no_value() -> None:
    assert score("mae", [], Guess(np.array([]))) is None
