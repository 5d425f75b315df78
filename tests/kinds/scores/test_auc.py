"""ROC AUC against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from penstock.core.score import Guess

from .given import BINARY, PROBA, WEIGHTS, binary, same, score


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["unweighted", "weighted"])
def test_it_equals_scikit_learn_with_ties(weights: np.ndarray | None) -> None:
    expected = metrics.roc_auc_score(BINARY, PROBA, sample_weight=weights)
    assert same(score("auc", BINARY, binary(weights)), expected)


@pytest.mark.requirement("M40")
def test_another_threshold_does_not_move_it() -> None:
    other = Guess(np.ones_like(BINARY), binary().proba, None, (0, 1))
    assert score("auc", BINARY, other) == score("auc", BINARY, binary())


def test_one_class_only_has_no_value() -> None:
    assert score("auc", np.ones_like(BINARY), binary()) is None
