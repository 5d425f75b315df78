"""Accuracy against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from .given import BINARY, BINARY_LABEL, WEIGHTS, binary, labels, same, score


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["unweighted", "weighted"])
def test_it_equals_scikit_learn(weights: np.ndarray | None) -> None:
    expected = metrics.accuracy_score(BINARY, BINARY_LABEL, sample_weight=weights)
    assert same(score("accuracy", BINARY, binary(weights)), expected)


def test_no_rows_have_no_accuracy() -> None:
    truth, guess = labels([], [])
    assert score("accuracy", truth, guess) is None
