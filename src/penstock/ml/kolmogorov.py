"""The tail of the Kolmogorov distribution as scipy has it, fast for hundreds of thousands of rows."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from penstock.ml.extract import Floats

SMALL = 20_000
"""Under so many effective rows scipy's own function is fast."""
LARGE = 1_000_000
"""Above, scipy's own function leaves the sum for an asymptotic expansion."""


def asymptotic_p(gap: float, n: int, m: int) -> float:
    """Two-sided p-value of a Kolmogorov-Smirnov distance: P(D ≥ gap) at nm/(n+m) effective rows.

    Equal to scipy.stats.kstwo.sf, by the same choice of methods (Simard and L'Ecuyer 2011). Where scipy sums one
    term a row in a loop, tenths of a second a column, the sum is taken over arrays.
    """
    rows = int(np.round(max(n, m) / (n + m) * min(n, m)))
    square = rows * gap * gap
    if square >= 370:
        return 0.0
    if rows > SMALL and square < 2.2:
        return _one_minus_pelz_good(rows, gap)
    if SMALL < rows <= LARGE and gap < 0.5:
        return min(1.0, 2 * _smirnov(rows, gap))
    from scipy import stats

    return float(np.clip(stats.kstwo.sf(gap, rows), 0, 1))


def _smirnov(n: int, gap: float) -> float:
    """P(D⁺ ≥ gap) = gap Σ_j C(n, j) (gap + j/n)^(j−1) (1 − gap − j/n)^(n−j), Birnbaum and Tingey 1951."""
    last = int(np.floor(n * (1 - gap)))
    j = np.arange(last + 1, dtype=np.float64)
    rest = np.maximum(1 - gap - j / n, 1e-300)
    logs = _log_binomials(n)[: last + 1] + (j - 1) * np.log(gap + j / n) + (n - j) * np.log(rest)
    top = logs.max()
    return float(gap * np.exp(top) * np.exp(logs - top).sum())


@lru_cache(maxsize=2)
def _log_binomials(n: int) -> Floats:
    from scipy import special

    logs = special.gammaln(np.arange(1, n + 2, dtype=np.float64))
    return np.asarray(logs[-1] - logs - logs[::-1])


def _one_minus_pelz_good(n: int, gap: float) -> float:
    """The expansion of Pelz and Good 1976 to the order 1/n; the next term is below 1e-8 for n over 20,000."""
    z = float(np.sqrt(n) * gap)
    if z < 0.15:
        return 1.0
    h = (np.arange(-12, 13) + 0.5) ** 2 * np.pi**2
    k = np.arange(-12, 13) ** 2 * np.pi**2
    eh, ek = np.exp(-h / (2 * z * z)), np.exp(-k / (2 * z * z))
    half = float(np.sqrt(np.pi / 2))
    k0 = half / z * eh.sum()
    k1 = half / (6 * z**4) * ((h - z * z) * eh).sum()
    inner = (6 * z**6 + 2 * z**4) + (2 * z**4 - 5 * z * z) * h + (1 - 2 * z * z) * h * h
    k2 = half / (72 * z**7) * (inner * eh).sum() - half / (36 * z**3) * (k * ek).sum()
    return float(np.clip(1 - (k0 + k1 / np.sqrt(n) + k2 / n), 0, 1))
