"""Logistic regression."""

from __future__ import annotations

import pytest

from .given import algorithm, fitted, quality


@pytest.mark.parametrize("kind", ["binary", "multiclass"])
def test_it_learns(kind: str) -> None:
    assert quality(fitted(algorithm("logistic_regression"), kind), kind) > 0.85


def test_a_strong_penalty_keeps_weights_small() -> None:
    weak, strong = (abs(fitted(algorithm("logistic_regression", c=c)).coef_).sum() for c in (10, 0.001))
    assert strong < 0.1 * weak


def test_a_lasso_penalty_sets_weights_to_zero() -> None:
    model = fitted(algorithm("logistic_regression", c=0.05, l1_ratio=1))
    assert (model.coef_ == 0).any()


def test_it_does_not_serve_numbers() -> None:
    assert "regression" not in algorithm("logistic_regression").SERVES
