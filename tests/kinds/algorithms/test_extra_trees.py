"""Extra trees."""

from __future__ import annotations

import numpy as np
import pytest

from .given import X, algorithm, fitted, quality


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_it_learns(kind: str) -> None:
    assert quality(fitted(algorithm("extra_trees"), kind), kind) > 0.6


@pytest.mark.requirement("M97")
@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_the_same_seed_gives_the_same_model_whatever_the_threads(kind: str) -> None:
    one, two = (fitted(algorithm("extra_trees"), kind, threads=n) for n in (1, 2))
    two.set_params(n_jobs=1)  # as ml/scorer.py does: votes are then summed in one order
    np.testing.assert_array_equal(one.predict(X), two.predict(X))


def test_a_forest_has_as_many_trees_as_told() -> None:
    model = fitted(algorithm("extra_trees", trees=7, columns="all", max_depth=3))
    assert len(model.estimators_) == 7
    assert max(t.get_depth() for t in model.estimators_) <= 3
    assert model.estimators_[0].max_features_ == 4
