"""Lasso regression."""

from __future__ import annotations

from .given import algorithm, fitted, quality


def test_it_learns() -> None:
    assert quality(fitted(algorithm("lasso"), "regression"), "regression") > 0.95


def test_it_serves_numbers_only() -> None:
    assert {"regression"} == algorithm("lasso").SERVES


def test_a_strong_penalty_keeps_few_features() -> None:
    assert (fitted(algorithm("lasso", alpha=2.0), "regression").coef_ != 0).sum() == 1
