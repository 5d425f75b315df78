"""Counts, ranks and bins against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from penstock.core.score import CostMatrix
from penstock.ml import measures

ROWS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 10), st.integers(1, 5)), min_size=4, max_size=60
).filter(lambda rows: len({r[0] for r in rows}) == 2)


@given(ROWS)
def test_areas_equal_scikit_learn_with_ties_and_weights(rows: list[tuple[int, int, int]]) -> None:
    hit, score, weight = (np.array(v) for v in zip(*rows, strict=True))
    ranked = measures.ranking(hit, score / 10, weight.astype(float))
    assert measures.roc_area(ranked) == pytest.approx(metrics.roc_auc_score(hit, score, sample_weight=weight))
    assert measures.average_precision(ranked) == pytest.approx(
        metrics.average_precision_score(hit, score, sample_weight=weight)
    )


@pytest.mark.parametrize("hit", [[], [1, 1], [0, 0]])
def test_one_class_has_no_area(hit: list[int]) -> None:
    ranked = measures.ranking(np.array(hit, dtype=np.int64), np.zeros(len(hit)), np.ones(len(hit)))
    assert measures.roc_area(ranked) is None


def test_lift_by_hand() -> None:
    """Ten rows, four hits; of the four most probable three are hits: (3 / 4) / (4 / 10)."""
    hit = np.array([1, 1, 0, 1, 0, 0, 1, 0, 0, 0])
    ranked = measures.ranking(hit, np.linspace(1, 0.1, 10), np.ones(10))
    assert measures.lift(ranked, 0.4) == pytest.approx(1.875)
    assert measures.lift(ranked, 1.0) == pytest.approx(1.0)


def test_lift_of_all_alike_is_one() -> None:
    ranked = measures.ranking(np.array([1, 0, 0, 1]), np.full(4, 0.5), np.ones(4))
    assert measures.lift(ranked, 0.4) == pytest.approx(1.0)


def test_calibration_loss_by_hand() -> None:
    """Two bins: 0.25 predicted and 0.5 observed (two rows), 0.85 predicted and 1 observed (one row)."""
    loss = measures.calibration_loss(np.array([0, 1, 1]), np.array([0.22, 0.28, 0.85]), np.ones(3))
    assert loss == pytest.approx((2 * 0.25 + 0.15) / 3)


def test_probability_one_is_in_the_last_bin() -> None:
    assert measures.probability_bins(np.array([1]), np.array([1.0]), np.ones(1)).weight.tolist() == [1]


@pytest.mark.requirement("M31")
def test_gain_per_row() -> None:
    counts = measures.Counts(tp=40, fp=10, tn=40, fn=10)
    assert counts.gain(CostMatrix()) == pytest.approx(0.37)


def test_nothing_is_divided_by_zero() -> None:
    nothing = measures.Counts(0, 0, 0, 0)
    assert (nothing.accuracy, nothing.precision, nothing.recall, nothing.f1) == (None, None, None, None)
    assert nothing.gain(CostMatrix()) is None
    assert measures.mean(np.array([]), np.array([])) is None
