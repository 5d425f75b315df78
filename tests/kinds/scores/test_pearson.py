"""Correlation against numpy."""

from __future__ import annotations

import numpy as np

from penstock.core.score import Guess

from .given import NUMBER_GUESS, NUMBERS, WEIGHTS, regression, same, score


def test_it_equals_numpy() -> None:
    assert same(score("pearson", NUMBERS, regression()), np.corrcoef(NUMBERS, NUMBER_GUESS)[0, 1])


def test_weights_count_as_that_many_rows() -> None:
    rows = np.repeat(np.arange(len(NUMBERS)), WEIGHTS.astype(int))
    repeated = np.corrcoef(NUMBERS[rows], NUMBER_GUESS[rows])[0, 1]
    assert same(score("pearson", NUMBERS, regression(WEIGHTS)), repeated)


def test_a_constant_side_has_no_correlation() -> None:
    assert score("pearson", [1.0, 1.0], Guess(np.array([1.0, 2.0]))) is None
    assert score("pearson", [1.0, 2.0], Guess(np.array([3.0, 3.0]))) is None
