"""Gap and area between two distributions equal scipy's, whatever the values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from penstock.ml import ecdf
from penstock.ml.profile import NumericalProfile, sorted_profile

VALUES = st.lists(st.integers(-4, 4).map(float) | st.floats(-1e6, 1e6), min_size=1, max_size=60)


def side(values: object) -> NumericalProfile:
    return sorted_profile("x", "double", np.array(values, dtype=np.float64), missing=0)


@pytest.mark.filterwarnings("ignore:ks_2samp:RuntimeWarning")
@given(VALUES, VALUES)
def test_small_samples_equal_scipy(a: list[float], b: list[float]) -> None:
    gap = stats.ks_2samp(a, b).statistic
    assert ecdf.largest_gap(side(a), side(b)) == pytest.approx(gap, abs=1e-12)
    assert ecdf.area_between(side(a), side(b)) == pytest.approx(
        stats.wasserstein_distance(a, b), rel=1e-9, abs=1e-9
    )


@pytest.mark.parametrize("digits", [1, 3, 12])
@pytest.mark.parametrize("shift", [0.0, 0.01, 0.5, 20.0])
def test_samples_larger_than_the_grid_equal_scipy(shift: float, digits: int) -> None:
    random = np.random.default_rng(7)
    a = np.round(random.normal(size=40_000), digits)
    b = np.round(random.normal(shift, 1.1, 23_457), digits)
    assert ecdf.largest_gap(side(a), side(b)) == pytest.approx(
        stats.ks_2samp(a, b, method="asymp").statistic, abs=1e-12
    )
    assert ecdf.area_between(side(a), side(b)) == pytest.approx(stats.wasserstein_distance(a, b), rel=1e-9)


def test_a_coarse_grid_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(3)
    a, b = random.normal(size=5_000), random.normal(0.02, 1, 4_000)
    fine = ecdf.largest_gap(side(a), side(b)), ecdf.area_between(side(a), side(b))
    monkeypatch.setattr(ecdf, "GRID", 7)
    coarse = ecdf.largest_gap(side(a), side(b)), ecdf.area_between(side(a), side(b))
    assert coarse == pytest.approx(fine, rel=1e-12)


def test_times_far_from_zero_keep_their_precision() -> None:
    seconds = 1.7e9 + np.arange(50_000, dtype=np.float64)
    assert ecdf.area_between(side(seconds), side(seconds + 5)) == pytest.approx(5, rel=1e-6)


def test_infinite_values_take_part_in_the_gap_but_not_in_the_area() -> None:
    a, b = [1.0, 2.0, np.inf, np.inf], [1.0, 2.0, 1.0, 2.0]
    assert ecdf.largest_gap(side(a), side(b)) == 0.5
    assert ecdf.area_between(side(a), side(b)) == 0.0
