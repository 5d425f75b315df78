from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from penstock.kinds.distances.psi import PopulationStabilityIndex
from penstock.ml.profile import ColumnProfile, profile


def categories(counts: list[int]) -> ColumnProfile:
    names = [f"k{n}" for n in range(len(counts))]
    return profile(pa.array(np.repeat(names, counts)), name="x", handling="categorical")


def numbers(values: object) -> ColumnProfile:
    return profile(pa.array(values, pa.float64()), name="x", handling="numerical")


def psi(reference: ColumnProfile, current: ColumnProfile, bins: int = 10) -> float:
    value = PopulationStabilityIndex(bins=bins).between(reference, current).value
    assert value is not None
    return value


@pytest.mark.requirement("M69")
def test_the_golden_values() -> None:
    assert round(psi(categories([50, 30, 20]), categories([40, 30, 30])), 5) == 0.06286
    assert round(psi(categories([50, 50, 0]), categories([40, 40, 20])), 3) == 1.564


def test_numbers_fall_into_reference_deciles_with_open_ends() -> None:
    random = np.random.default_rng(0)
    a, b = random.normal(size=5_000), random.normal(0.5, 1, 4_000)
    edges = np.quantile(a, np.arange(1, 10) / 10)
    r = np.bincount(np.searchsorted(edges, a), minlength=10) / len(a)
    c = np.bincount(np.searchsorted(edges, b), minlength=10) / len(b)
    assert psi(numbers(a), numbers(b)) == pytest.approx(float(((c - r) * np.log(c / r)).sum()))


def test_missing_values_have_a_bin_of_their_own() -> None:
    full, holes = numbers([1.0, 2.0, 3.0, 4.0] * 25), numbers([1.0, 2.0, None, None] * 25)
    assert psi(full, full) == 0.0
    assert psi(full, holes) > 1


def test_a_constant_reference_sees_a_shift_to_either_side() -> None:
    constant = numbers([5.0] * 100)
    assert psi(constant, numbers([5.0] * 60)) == 0.0
    assert psi(constant, numbers([3.0] * 100)) > 1
    assert psi(constant, numbers([7.0] * 100)) > 1


def test_the_p_value_tells_sampling_from_drift() -> None:
    random = np.random.default_rng(0)
    same = PopulationStabilityIndex().between(
        numbers(random.normal(size=80)), numbers(random.normal(size=80))
    )
    moved = PopulationStabilityIndex().between(
        numbers(random.normal(size=80)), numbers(random.normal(1, 1, 80))
    )
    assert (same.value or 0) > 0.1
    assert (same.p_value or 0) > 0.05
    assert (moved.p_value or 1) < 0.001


def test_an_empty_side_has_no_index_but_a_reason() -> None:
    found = PopulationStabilityIndex().between(numbers([1.0]), numbers([]))
    assert found.value is None
    assert found.reason
