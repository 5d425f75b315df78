"""The baseline."""

from __future__ import annotations

import numpy as np

from .given import BINARY, NUMBER, X, algorithm, fitted


def test_it_answers_with_the_class_shares() -> None:
    proba = fitted(algorithm("dummy")).predict_proba(X)
    np.testing.assert_allclose(proba[:, 1], BINARY.mean())


def test_it_answers_with_the_mean() -> None:
    np.testing.assert_allclose(fitted(algorithm("dummy"), "regression").predict(X), NUMBER.mean())
