"""The tail of the Kolmogorov distribution as scipy has it, fast for hundreds of thousands of rows."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from penstock.ml.profile import Floats

SMALL = 20_000
"""Under so many effective rows scipy's own function is fast."""
LARGE = 1_000_000
"""Above, scipy's own function leaves the sum for an asymptotic expansion."""


def asymptotic_p(gap: float, n: int, m: int) -> float:
    """Two-sided p-value of a Kolmogorov-Smirnov distance: P(D ≥ gap) at nm/(n+m) effective rows.

    Equal to scipy.stats.kstwo.sf. scipy sums one term a row where 2.2 ≤ n·D² < 370 (Simard and L'Ecuyer 2011),
    which takes tenths of a second a column; here the same sum is taken over arrays.
    """
    from scipy import stats

    rows = int(np.round(max(n, m) / (n + m) * min(n, m)))
    if SMALL < rows <= LARGE and 2.2 <= rows * gap * gap < 370 and gap < 0.5:
        return float(min(1.0, 2 * _smirnov(rows, gap)))
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
