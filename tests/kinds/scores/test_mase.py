"""MASE by hand."""

from __future__ import annotations

import numpy as np

from penstock.core.score import Ahead, Guess

from .given import same, score

WHOSE = np.array([0, 0, 1, 1])
TRUTH, SAID = np.array([1.0, 2, 10, 20]), np.array([2.0, 2, 12, 24])


def guess(naive: list[float]) -> Guess:
    return Guess(SAID, ahead=Ahead(WHOSE, np.array(naive), None, ()))


def test_it_is_the_mean_over_the_series_of_errors_in_multiples_of_their_own() -> None:
    assert same(score("mase", TRUTH, guess([1.0, 2.0])), (0.5 / 1 + 3 / 2) / 2)


def test_series_without_a_naive_error_are_left_out() -> None:
    assert same(score("mase", TRUTH, guess([0.0, 2.0])), 1.5)
    assert score("mase", TRUTH, guess([0.0, np.nan])) is None


def test_rows_that_are_no_series_have_none() -> None:
    assert score("mase", TRUTH, Guess(SAID)) is None
