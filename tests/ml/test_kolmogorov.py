"""The fast tail of the Kolmogorov distribution equals scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from penstock.ml.kolmogorov import asymptotic_p


@pytest.mark.parametrize("rows", [9_000, 25_000, 120_000, 1_500_000])
@pytest.mark.parametrize("z", [0.1, 0.3, 0.6, 1.0, 1.36, 1.48, 1.49, 2.0, 4.0, 9.0])
def test_the_tail_equals_scipys(rows: int, z: float) -> None:
    gap = z / np.sqrt(rows)
    expected = float(stats.kstwo.sf(gap, rows))
    assert asymptotic_p(gap, 2 * rows, 2 * rows) == pytest.approx(
        expected, rel=1e-8, abs=5e-8 if z < 1.485 else 0
    )


def test_unequal_sides_use_the_rows_scipy_uses() -> None:
    random = np.random.default_rng(0)
    a, b = random.normal(size=30_000), random.normal(0.03, 1, 17_000)
    found = stats.ks_2samp(a, b)
    assert asymptotic_p(float(found.statistic), len(a), len(b)) == pytest.approx(
        float(found.pvalue), rel=1e-8
    )


def test_extremes_are_zero_and_one() -> None:
    assert asymptotic_p(1.0, 50_000, 50_000) == 0.0
    assert asymptotic_p(0.9, 60_000, 60_000) == 0.0
    assert asymptotic_p(0.0, 50_000, 50_000) == 1.0
