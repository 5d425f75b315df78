from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from scipy.spatial import distance

from penstock.kinds.distances.jensen_shannon import JensenShannon
from penstock.ml.profile import ColumnProfile, profile


def side(counts: list[int], labels: list[str] | None = None) -> ColumnProfile:
    names = labels or [f"k{n}" for n in range(len(counts))]
    rows = np.repeat(np.array(names, object), np.array(counts, int))
    return profile(
        pa.array(rows, pa.string()),
        name="x",
        handling="categorical",
    )


def test_it_equals_scipys_to_the_base_two() -> None:
    expected = distance.jensenshannon([50, 30, 20, 0], [40, 20, 30, 10], base=2)
    assert JensenShannon().between(side([50, 30, 20, 0]), side([40, 20, 30, 10])).value == pytest.approx(
        expected
    )


def test_alike_is_zero_and_nothing_shared_is_one() -> None:
    assert JensenShannon().between(side([5, 5]), side([50, 50])).value == 0.0
    assert JensenShannon().between(side([5], ["a"]), side([9], ["b"])).value == pytest.approx(1.0)


def test_an_empty_side_has_no_distance_but_a_reason() -> None:
    found = JensenShannon().between(side([5]), side([]))
    assert found.value is None
    assert found.reason
