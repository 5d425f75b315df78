"""One decision tree."""

from __future__ import annotations

import pytest

from .given import algorithm, fitted, quality


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_it_learns(kind: str) -> None:
    assert quality(fitted(algorithm("decision_tree"), kind), kind) > 0.8


def test_depth_and_leaves_are_bounded() -> None:
    model = fitted(algorithm("decision_tree", max_depth=2, min_leaf=30))
    assert model.get_depth() <= 2
    assert min(model.tree_.n_node_samples[model.tree_.children_left == -1]) >= 30


def test_depth_may_be_without_limit() -> None:
    assert quality(fitted(algorithm("decision_tree", max_depth=None))) == 1.0
