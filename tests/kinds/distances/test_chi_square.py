from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from penstock.kinds.distances.chi_square import ChiSquare
from penstock.ml.profile import CategoricalProfile, profile


def side(counts: list[int], labels: list[str] | None = None) -> CategoricalProfile:
    names = labels or [f"k{n:05}" for n in range(len(counts))]
    rows = np.repeat(np.array(names, object), np.array(counts, int))
    found = profile(
        pa.array(rows, pa.string()),
        name="x",
        handling="categorical",
    )
    assert isinstance(found, CategoricalProfile)
    return found


@pytest.mark.requirement("M68")
def test_the_golden_values() -> None:
    small = ChiSquare().between(side([50, 30, 20]), side([40, 30, 30]))
    assert (round(small.value or 0, 3), round(small.p_value or 0, 4)) == (3.111, 0.2111)
    large = ChiSquare().between(side([500, 300, 200]), side([400, 300, 300]))
    assert round(large.value or 0, 2) == 31.11
    assert large.p_value == pytest.approx(1.76e-7, rel=0.01)


@pytest.mark.parametrize(
    ("a", "b"), [([40, 60], [55, 45]), ([90, 30, 20], [500, 300, 180]), ([3, 9], [9, 3])]
)
def test_tables_without_rare_categories_equal_scipy(a: list[int], b: list[int]) -> None:
    expected = stats.chi2_contingency(np.array([a, b]), correction=False)
    found = ChiSquare().between(side(a), side(b))
    assert found.value == pytest.approx(float(expected.statistic))
    assert found.p_value == pytest.approx(float(expected.pvalue))


def test_the_effect_is_cramers_v_and_does_not_depend_on_the_sizes_of_the_sides() -> None:
    even = ChiSquare().between(side([50_000, 50_000]), side([40_000, 60_000]))
    uneven = ChiSquare().between(side([500_000, 500_000]), side([4_000, 6_000]))
    v = float(stats.contingency.association(np.array([[50_000, 50_000], [40_000, 60_000]]), method="cramer"))
    assert even.effect == pytest.approx(v, abs=0.001)
    assert uneven.effect == pytest.approx(v, abs=0.005)


def test_the_interval_of_the_effect_holds_the_truth_nearly_always() -> None:
    random, held = np.random.default_rng(2), 0
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.4, 0.3, 0.3])
    middle = (p + q) / 2
    true = float(np.sqrt((((p - middle) ** 2 + (q - middle) ** 2) / middle).sum() / 2))
    for _ in range(200):
        a, b = random.multinomial(1_500, p).tolist(), random.multinomial(900, q).tolist()
        found = ChiSquare().between(side(a), side(b))
        held += (found.lower or 0) <= true <= (found.upper or 0)
    assert held >= 180


def test_the_bias_of_many_categories_is_taken_off_the_effect() -> None:
    random, effects = np.random.default_rng(3), []
    for _ in range(60):
        a, b = (random.multinomial(500, [0.1] * 10).tolist() for _ in range(2))
        effects.append(ChiSquare().between(side(a), side(b)).effect or 0.0)
    assert np.mean(effects) < 0.05  # the plain V would be 0.095


def test_thousands_of_rare_categories_raise_no_false_alarm() -> None:
    random, alarms = np.random.default_rng(0), 0
    for _ in range(60):
        a = np.bincount(random.integers(0, 3_000, 2_000), minlength=3_000).tolist()
        b = np.bincount(random.integers(0, 3_000, 400), minlength=3_000).tolist()
        alarms += (ChiSquare().between(side(a), side(b)).p_value or 0) <= 0.05
    assert alarms <= 8


def test_sides_that_share_nothing_have_the_largest_effect() -> None:
    found = ChiSquare().between(side([500, 500], ["a", "b"]), side([400, 100], ["c", "d"]))
    assert found.effect == pytest.approx(1.0, abs=0.01)
    assert found.p_value == pytest.approx(0.0, abs=1e-200)


@pytest.mark.requirement("M73")
def test_a_constant_column_does_not_differ() -> None:
    found = ChiSquare().between(side([50]), side([80]))
    assert (found.p_value, found.effect, found.lower, found.upper) == (1.0, 0.0, 0.0, 0.0)


def test_a_side_without_values_has_no_test_but_a_reason() -> None:
    found = ChiSquare().between(side([50]), side([]))
    assert found.p_value is None
    assert found.reason
