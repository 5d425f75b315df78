"""Hamming loss against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from .given import CLASS_LABEL, CLASSES, WEIGHTS, multiclass, same, score


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["unweighted", "weighted"])
def test_it_equals_scikit_learn(weights: np.ndarray | None) -> None:
    expected = metrics.hamming_loss(CLASSES, CLASS_LABEL, sample_weight=weights)
    assert same(score("hamming_loss", CLASSES, multiclass(weights)), expected)
