"""Calibration loss by hand."""

from __future__ import annotations

import numpy as np
import pytest

from penstock.core.score import Guess

from .given import BINARY, PROBA, WEIGHTS, binary, score


def by_hand(truth: np.ndarray, proba: np.ndarray, weights: np.ndarray) -> float:
    place = np.minimum((proba * 10).astype(int), 9)
    total = 0.0
    for b in range(10):
        w = weights[place == b]
        if len(w):
            gap = np.average(truth[place == b], weights=w) - np.average(proba[place == b], weights=w)
            total += w.sum() * abs(gap)
    return total / float(weights.sum())


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_it_is_the_mean_gap_over_ten_bins(weights: np.ndarray | None) -> None:
    expected = by_hand(BINARY, PROBA, np.ones(len(BINARY)) if weights is None else weights)
    assert score("calibration_loss", BINARY, binary(weights)) == pytest.approx(expected)


def test_a_perfect_guess_has_none() -> None:
    sure = Guess(np.array([0, 1]), np.array([[1.0, 0.0], [0.0, 1.0]]), None, (0, 1))
    assert score("calibration_loss", np.array([0, 1]), sure) == 0.0
