"""Average precision against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from .given import BINARY, CLASSES, PROBA, PROBAS, WEIGHTS, binary, multiclass, same, score


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["unweighted", "weighted"])
def test_two_classes_equal_scikit_learn(weights: np.ndarray | None) -> None:
    expected = metrics.average_precision_score(BINARY, PROBA, sample_weight=weights)
    assert same(score("average_precision", BINARY, binary(weights)), expected)


@pytest.mark.parametrize(("averaging", "theirs"), [("weighted", "weighted"), ("unweighted", "macro")])
def test_several_classes_equal_scikit_learn(averaging: str, theirs: str) -> None:
    expected = metrics.average_precision_score(np.eye(3)[CLASSES], PROBAS, average=theirs)
    assert same(score("average_precision", CLASSES, multiclass(averaging=averaging)), expected)


def test_no_positive_row_has_no_value() -> None:
    assert score("average_precision", np.zeros_like(BINARY), binary()) is None
