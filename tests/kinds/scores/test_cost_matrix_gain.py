"""Gain per row by hand."""

from __future__ import annotations

import numpy as np
import pytest

from penstock.core.score import Guess

from .given import binary, labels, score


@pytest.mark.requirement("M31")
def test_the_default_gains_of_forty_ten_forty_ten() -> None:
    truth = np.array([1] * 50 + [0] * 50)
    label = np.array([1] * 40 + [0] * 10 + [1] * 10 + [0] * 40)
    assert score("cost_matrix_gain", truth, Guess(label, None, None, (0, 1))) == pytest.approx(0.37)


def test_gains_can_be_edited() -> None:
    truth, guess = labels([1, 1, 0, 0], [1, 0, 1, 0])
    edited = Guess(guess.label, settings=binary(cost_matrix={"tp": 10, "fn": -4, "fp": -2, "tn": 1}).settings)
    assert score("cost_matrix_gain", truth, edited) == pytest.approx((10 - 4 - 2 + 1) / 4)


def test_weights_count_as_that_many_rows() -> None:
    truth, guess = labels([1, 0], [1, 1])
    weighted = Guess(guess.label, None, np.array([3.0, 1.0]), (0, 1))
    assert score("cost_matrix_gain", truth, weighted) == pytest.approx((3 - 0.3) / 4)
