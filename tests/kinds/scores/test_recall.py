"""Recall against scikit-learn, one class and several."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from .given import (
    BINARY,
    BINARY_LABEL,
    CLASS_LABEL,
    CLASSES,
    WEIGHTS,
    binary,
    labels,
    multiclass,
    same,
    score,
)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["unweighted", "weighted"])
def test_two_classes_equal_scikit_learn(weights: np.ndarray | None) -> None:
    expected = metrics.recall_score(BINARY, BINARY_LABEL, sample_weight=weights)
    assert same(score("recall", BINARY, binary(weights)), expected)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["unweighted", "weighted"])
@pytest.mark.parametrize(("averaging", "theirs"), [("weighted", "weighted"), ("unweighted", "macro")])
def test_several_classes_equal_scikit_learn(weights: np.ndarray | None, averaging: str, theirs: str) -> None:
    expected = metrics.recall_score(CLASSES, CLASS_LABEL, average=theirs, sample_weight=weights)
    assert same(score("recall", CLASSES, multiclass(weights, averaging=averaging)), expected)


def test_it_has_no_value_when_nothing_is_positive() -> None:
    assert score("recall", *labels([0, 0], [0, 1])) is None
