"""Ridge regression."""

from __future__ import annotations

import numpy as np

from .given import NUMBER, X, algorithm, fitted, quality


def test_it_learns() -> None:
    assert quality(fitted(algorithm("ridge"), "regression"), "regression") > 0.95


def test_it_serves_numbers_only() -> None:
    assert {"regression"} == algorithm("ridge").SERVES


def test_no_penalty_is_least_squares() -> None:
    model = fitted(algorithm("ridge", alpha=0), "regression")
    design = np.column_stack([X, np.ones(len(X))])
    expected = np.linalg.lstsq(design, NUMBER, rcond=None)[0]
    np.testing.assert_allclose(model.coef_, expected[:4])
