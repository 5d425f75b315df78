"""F1 against scikit-learn, one class and several."""

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
    expected = metrics.f1_score(BINARY, BINARY_LABEL, sample_weight=weights)
    assert same(score("f1", BINARY, binary(weights)), expected)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["unweighted", "weighted"])
@pytest.mark.parametrize(("averaging", "theirs"), [("weighted", "weighted"), ("unweighted", "macro")])
def test_several_classes_equal_scikit_learn(weights: np.ndarray | None, averaging: str, theirs: str) -> None:
    expected = metrics.f1_score(CLASSES, CLASS_LABEL, average=theirs, sample_weight=weights)
    assert same(score("f1", CLASSES, multiclass(weights, averaging=averaging)), expected)


def test_it_is_zero_when_nothing_is_found_and_none_without_positives() -> None:
    assert score("f1", *labels([0, 1], [0, 0])) == 0.0
    assert score("f1", *labels([0, 0], [0, 0])) is None
