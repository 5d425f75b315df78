"""Intervals, exact tests and the correction of many p-values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from penstock.ml.intervals import corrected, more_than_half, same_share, share_difference, wilson


@pytest.mark.requirement("M60")
@pytest.mark.parametrize(
    ("hits", "of", "p", "low", "high"), [(58, 107, 0.21972, 0.448, 0.633), (60, 100, 0.02844, 0.502, 0.691)]
)
def test_the_golden_values_of_the_global_score(hits: int, of: int, p: float, low: float, high: float) -> None:
    assert round(more_than_half(hits, of), 5) == p
    assert [round(bound, 3) for bound in wilson(hits, of, 0.95)] == [low, high]


@pytest.mark.requirement("M61")
def test_more_confidence_widens_the_interval() -> None:
    narrow, wide = wilson(58, 107, 0.95), wilson(58, 107, 0.99)
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


@given(st.integers(0, 200), st.integers(0, 200))
def test_the_exact_test_equals_scipys(hits: int, more: int) -> None:
    of = hits + more
    if of:
        expected = stats.binomtest(hits, of, 0.5, alternative="greater").pvalue
        assert more_than_half(hits, of) == pytest.approx(float(expected), rel=1e-9)


@given(st.lists(st.none() | st.floats(0, 1), max_size=30))
def test_corrected_p_values_equal_scipys_and_leave_gaps_alone(values: list[float | None]) -> None:
    found = corrected(values)
    known = [p for p in values if p is not None]
    assert [p is None for p in found] == [p is None for p in values]
    if known:
        expected = stats.false_discovery_control(known)
        np.testing.assert_allclose([p for p in found if p is not None], expected, atol=1e-12)


def test_the_difference_of_two_shares_has_newcombes_interval() -> None:
    low, high = share_difference(
        48, 80, 56, 70, 0.95
    )  # Newcombe 1998, table II (b): 0.2000, 0.0524 to 0.3339
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)


def test_equal_shares_are_tested_exactly_when_few_and_by_z_when_many() -> None:
    few = float(stats.fisher_exact(np.array([[1, 9], [5, 5]])).pvalue)
    assert same_share(1, 10, 5, 10) == pytest.approx(few)
    table = np.array([[500, 9500], [700, 9300]])
    many = float(stats.chi2_contingency(table, correction=False).pvalue)
    assert same_share(500, 10_000, 700, 10_000) == pytest.approx(many)


@pytest.mark.parametrize("gone", [0, 10])
def test_shares_that_are_all_or_nothing_on_both_sides_do_not_differ(gone: int) -> None:
    assert same_share(gone, 10, gone, 10) == 1.0
    low, high = share_difference(gone, 10, gone, 10, 0.95)
    assert low < 0 < high
