from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from penstock.kinds.distances.wasserstein import Wasserstein
from penstock.ml.profile import NumericalProfile, profile


def side(values: object) -> NumericalProfile:
    found = profile(pa.array(np.asarray(values, dtype=np.float64)), name="x", handling="numerical")
    assert isinstance(found, NumericalProfile)
    return found


def test_it_equals_scipys_in_reference_standard_deviations() -> None:
    random = np.random.default_rng(0)
    a, b = random.normal(3, 2, 5_000), random.normal(4, 2, 3_000)
    expected = stats.wasserstein_distance(a, b) / a.std()
    assert Wasserstein().between(side(a), side(b)).value == pytest.approx(expected, rel=1e-9)


def test_the_unit_of_measure_does_not_matter() -> None:
    random = np.random.default_rng(0)
    a, b = random.normal(size=500), random.normal(0.5, 1, 500)
    metres, millimetres = (
        Wasserstein().between(side(a), side(b)),
        Wasserstein().between(side(a * 1e3), side(b * 1e3)),
    )
    assert metres.value == pytest.approx(millimetres.value)


@pytest.mark.parametrize(
    ("reference", "current", "value"),
    [([5.0] * 9, [5.0] * 4, 0.0), ([5.0] * 9, [6.0] * 4, None), ([np.inf], [1.0], None), ([], [1.0], None),
     ([-1.7e308, 1.7e308], [0.0, 1.0], None)],
)  # fmt: skip
def test_what_cannot_be_measured_is_none_with_a_reason(
    reference: list[float], current: list[float], value: float | None
) -> None:
    found = Wasserstein().between(side(reference), side(current))
    assert found.value == value
    assert bool(found.reason) == (value is None)


def test_infinite_values_stay_out() -> None:
    plain = Wasserstein().between(side([1.0, 2.0, 3.0]), side([2.0, 3.0, 4.0]))
    assert Wasserstein().between(side([1.0, 2.0, 3.0, np.inf]), side([-np.inf, 2.0, 3.0, 4.0])) == plain
