"""Symmetric MAPE by hand."""

from __future__ import annotations

import numpy as np

from penstock.core.score import Guess

from .given import same, score


def test_errors_are_shares_of_the_mean_of_both() -> None:
    assert same(score("smape", [1.0, 0.0, 2.0], Guess(np.array([3.0, 0.0, 2.0]))), (2 * 2 / 4) / 3)


def test_no_rows_have_no_value() -> None:
    assert score("smape", [], Guess(np.array([]))) is None
