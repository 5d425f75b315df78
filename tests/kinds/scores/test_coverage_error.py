"""Coverage error by hand."""

from __future__ import annotations

import numpy as np

from penstock.core.score import Ahead, Guess

from .given import same, score

TRUTH = np.arange(10.0)


def guess(quantiles: np.ndarray | None) -> Guess:
    return Guess(TRUTH, ahead=Ahead(np.zeros(10, int), np.ones(1), quantiles, (0.1, 0.9)))


def test_quantiles_that_hold_what_they_promise_have_none() -> None:
    held = np.tile([0.5, 8.5], (10, 1))
    assert same(score("coverage_error", TRUTH, guess(held)), 0.0)


def test_the_gaps_of_the_quantiles_are_averaged() -> None:
    low = np.tile([0.5, 4.5], (10, 1))
    assert same(score("coverage_error", TRUTH, guess(low)), (0.0 + 0.4) / 2)


def test_a_series_that_never_changes_misses_nothing() -> None:
    assert same(score("coverage_error", np.full(10, 5.0), guess(np.full((10, 2), 5.0))), 0.0)


def test_without_quantiles_there_is_none() -> None:
    assert score("coverage_error", TRUTH, guess(None)) is None
    assert score("coverage_error", TRUTH, Guess(TRUTH)) is None
