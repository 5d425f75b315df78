"""Nearest neighbours."""

from __future__ import annotations

import pytest

from .given import algorithm, fitted, quality


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_it_learns(kind: str) -> None:
    assert quality(fitted(algorithm("knn"), kind), kind) > 0.7


def test_nearer_neighbours_may_count_more() -> None:
    assert quality(fitted(algorithm("knn", weights="distance"))) == 1.0


def test_it_has_no_use_for_weights() -> None:
    assert not algorithm("knn").TAKES_WEIGHTS
