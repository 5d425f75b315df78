"""ROC AUC over several classes against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from .given import CLASSES, PROBAS, multiclass, same, score


@pytest.mark.parametrize(("averaging", "theirs"), [("weighted", "weighted"), ("unweighted", "macro")])
def test_it_equals_scikit_learn(averaging: str, theirs: str) -> None:
    expected = metrics.roc_auc_score(CLASSES, PROBAS, multi_class="ovr", average=theirs)
    assert same(score("mroc_auc", CLASSES, multiclass(averaging=averaging)), expected)


def test_a_class_that_does_not_occur_is_left_out() -> None:
    some = np.where(CLASSES == 2, 1, CLASSES)
    assert score("mroc_auc", some, multiclass()) is not None
    assert score("mroc_auc", np.zeros_like(CLASSES), multiclass()) is None
