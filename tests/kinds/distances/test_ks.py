from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from penstock.kinds.distances.ks import KolmogorovSmirnov
from penstock.ml.profile import NumericalProfile, profile


def side(values: object) -> NumericalProfile:
    found = profile(pa.array(np.asarray(values, dtype=np.float64)), name="x", handling="numerical")
    assert isinstance(found, NumericalProfile)
    return found


@pytest.mark.requirement("M68")
def test_the_golden_value() -> None:
    found = KolmogorovSmirnov().between(side(range(10)), side(range(5, 15)))
    assert found.value == 0.5
    assert round(found.p_value or 0, 4) == 0.1678


@pytest.mark.filterwarnings("ignore:ks_2samp:RuntimeWarning")
@given(
    st.lists(st.floats(-9, 9), min_size=2, max_size=50), st.lists(st.floats(-9, 9), min_size=2, max_size=50)
)
def test_small_samples_equal_scipys_exact_test(a: list[float], b: list[float]) -> None:
    found, expected = KolmogorovSmirnov().between(side(a), side(b)), stats.ks_2samp(a, b)
    assert found.value == pytest.approx(float(expected.statistic), abs=1e-12)
    assert found.p_value == pytest.approx(float(expected.pvalue), abs=1e-12)


@pytest.mark.parametrize("n", [9_999, 10_001])
def test_both_sides_of_the_switch_to_the_asymptotic_value_equal_scipy(n: int) -> None:
    random = np.random.default_rng(1)
    a, b = random.normal(size=n), random.normal(0.03, 1, 7_000)
    found, expected = KolmogorovSmirnov().between(side(a), side(b)), stats.ks_2samp(a, b)
    assert found.p_value == pytest.approx(float(expected.pvalue), rel=1e-7)


def test_an_exact_value_that_overflows_is_still_a_number_and_warns_nobody() -> None:
    found = KolmogorovSmirnov().between(side(np.arange(9_000.0)), side(np.arange(5_001.0) + 1e6))
    assert found.value == 1.0
    assert found.p_value is not None
    assert 0.0 <= found.p_value < 1e-100


def test_the_interval_holds_the_true_distance_nearly_always() -> None:
    random, true = np.random.default_rng(5), 2 * stats.norm.cdf(0.25) - 1
    kind, held = KolmogorovSmirnov(confidence_level=0.95), 0
    for _ in range(100):
        found = kind.between(side(random.normal(size=300)), side(random.normal(0.5, 1, 200)))
        held += (found.lower or 0) <= true <= (found.upper or 0)
    assert held >= 95


def test_a_side_without_values_has_no_distance_but_a_reason() -> None:
    found = KolmogorovSmirnov().between(side([1.0]), side([np.nan]))
    assert (found.value, found.p_value) == (None, None)
    assert found.reason


@pytest.mark.requirement("M73")
def test_equal_constants_do_not_differ() -> None:
    found = KolmogorovSmirnov().between(side([5.0] * 50), side([5.0] * 70))
    assert (found.value, found.p_value) == (0.0, 1.0)
