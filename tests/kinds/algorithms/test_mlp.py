"""A small neural network."""

from __future__ import annotations

import numpy as np
import pytest

from .given import X, algorithm, fitted, quality


@pytest.mark.parametrize("kind", ["binary", "multiclass"])
def test_it_learns(kind: str) -> None:
    assert quality(fitted(algorithm("mlp"), kind), kind) > 0.8


def test_layers_and_width() -> None:
    model = fitted(algorithm("mlp", layers=2, width=8, max_passes=20))
    assert [w.shape for w in model.coefs_] == [(4, 8), (8, 8), (8, 1)]


def test_the_same_seed_gives_the_same_network() -> None:
    one, two = (fitted(algorithm("mlp", width=8)) for _ in range(2))
    np.testing.assert_array_equal(one.predict_proba(X), two.predict_proba(X))
