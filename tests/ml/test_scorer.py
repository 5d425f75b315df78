"""What turns prepared rows into numbers."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier
from sklearn.tree import DecisionTreeClassifier

from penstock.ml.scorer import LightgbmScorer, SklearnScorer, scorer_of

from .models import TARGETS, trained

X = np.random.default_rng(0).normal(size=(60, 3))


def test_a_class_never_seen_in_fitting_gets_probability_zero() -> None:
    codes = np.where(X[:, 0] > 0, 2, 0)  # of the classes 0, 1, 2 the middle one never occurs
    proba = SklearnScorer(DecisionTreeClassifier().fit(X, codes), 3).raw(X)
    assert proba.shape == (60, 3)
    assert proba[:, 1].max() == 0
    np.testing.assert_allclose(proba.sum(axis=1), 1)


def test_a_classifier_without_probabilities_is_certain() -> None:
    model = RidgeClassifier().fit(X, (X[:, 0] > 0).astype(int))
    proba = SklearnScorer(model, 2).raw(X)
    np.testing.assert_array_equal(proba.argmax(axis=1), model.predict(X))
    assert set(proba.ravel()) == {0.0, 1.0}


@pytest.mark.parametrize("target", TARGETS)
def test_lightgbm_scores_from_its_booster_as_its_estimator_does(target: str) -> None:
    model = trained(target)
    scorer = model.predictor.scorer
    assert isinstance(scorer, LightgbmScorer)
    rows = np.random.default_rng(1).normal(size=(40, len(model.predictor.preparation.columns)))
    theirs = model.estimator.booster_.predict(rows)
    ours = scorer.raw(rows)
    np.testing.assert_array_equal(ours[:, 1] if target == "late" else ours, theirs)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("algorithm", ["lightgbm", "decision_tree"])
def test_no_rows_have_the_right_shape(target: str, algorithm: str) -> None:
    model = trained(target, algorithm=algorithm)
    classes = len(model.predictor.classes)
    empty = np.empty((0, len(model.predictor.preparation.columns)))
    for scorer in (model.predictor.scorer, SklearnScorer(model.estimator, classes)):
        assert scorer.raw(empty).shape == ((0, classes) if classes else (0,))


def test_a_forest_votes_in_one_thread_so_that_sums_never_change() -> None:
    model = trained(algorithm="random_forest")
    assert model.estimator.n_jobs == 1
    assert scorer_of(model.estimator, "binary", 2).form == "scikit-learn"
