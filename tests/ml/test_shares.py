"""Shares of classes: when they moved, and what follows from a threshold at another share."""

from __future__ import annotations

import pytest

from penstock.ml.measures import Counts
from penstock.ml.shares import at_share, shift


def test_shares_that_moved_are_told_with_the_statistic() -> None:
    found = shift([750, 250], [640, 360])
    assert found is not None
    assert found.reference == (0.75, 0.25)
    assert found.current == (0.64, 0.36)
    # 2 x 2 without correction: n (ad - bc)² / (r1 r2 c1 c2) = 28.54..., p < 1e-6
    assert found.p_value == pytest.approx(9.2e-8, rel=0.05)
    assert found.moved(0.95)


def test_a_small_move_of_very_many_rows_is_significant_and_not_told() -> None:
    found = shift([750_000, 250_000], [746_000, 254_000])
    assert found is not None
    assert found.p_value < 1e-6
    assert not found.moved(0.95)


def test_few_rows_prove_nothing() -> None:
    found = shift([8, 2], [7, 3])
    assert found is not None
    assert not found.moved(0.95)


def test_a_side_without_rows_cannot_be_compared() -> None:
    assert shift([0, 0], [5, 5]) is None


def test_the_same_model_at_another_share_has_another_precision_and_the_same_recall() -> None:
    counts = Counts(tp=80, fp=100, tn=900, fn=20)  # hits 0.8, false alarms 0.1, share 1 in 11
    half = at_share(counts, 0.5)
    assert half is not None
    assert half.recall == pytest.approx(0.8)
    assert half.false_positive_rate == pytest.approx(0.1)
    assert half.precision == pytest.approx(0.8 / 0.9)
    assert half.total == pytest.approx(counts.total)


def test_without_positives_nothing_can_be_said() -> None:
    assert at_share(Counts(tp=0, fp=1, tn=1, fn=0), 0.5) is None
