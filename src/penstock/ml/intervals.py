"""Intervals and exact tests of shares, and the correction of many p-values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Interval = tuple[float, float]


def normal_quantile(confidence: float) -> float:
    """z with P(|Z| ≤ z) = confidence: 1.96 for 0.95."""
    from scipy import special

    return float(special.ndtri(0.5 + confidence / 2))


def wilson(hits: int, of: int, confidence: float) -> Interval:
    """Wilson's score interval of a share (Wilson 1927). (0, 1) when there are no trials."""
    if of == 0:
        return 0.0, 1.0
    z = normal_quantile(confidence)
    share = hits / of
    centre = share + z * z / (2 * of)
    half = z * float(np.sqrt(share * (1 - share) / of + z * z / (4 * of * of)))
    scale = 1 + z * z / of
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


def more_than_half(hits: int, of: int) -> float:
    """Exact one-sided binomial p-value of H0: share ≤ 0.5, P(X ≥ hits | of, 0.5)."""
    from scipy import special

    return 1.0 if hits <= 0 else float(special.bdtrc(hits - 1, of, 0.5))


def share_difference(a: int, n: int, b: int, m: int, confidence: float) -> Interval:
    """Newcombe's hybrid score interval of b/m − a/n (Newcombe 1998, method 10)."""
    p, q = a / n, b / m
    (p_low, p_high), (q_low, q_high) = wilson(a, n, confidence), wilson(b, m, confidence)
    down = float(np.hypot(q - q_low, p_high - p))
    up = float(np.hypot(q_high - q, p - p_low))
    return max(-1.0, q - p - down), min(1.0, q - p + up)


def same_share(a: int, n: int, b: int, m: int) -> float:
    """p-value of H0: both shares are equal. Fisher's exact test where a cell expects under 5, else pooled z."""
    from scipy import special

    pool = (a + b) / (n + m)
    if pool in (0.0, 1.0):
        return 1.0
    if min(n, m) * min(pool, 1 - pool) < 5:
        from scipy import stats

        return float(min(stats.fisher_exact(np.array([[a, n - a], [b, m - b]])).pvalue, 1.0))
    z = (b / m - a / n) / float(np.sqrt(pool * (1 - pool) * (1 / n + 1 / m)))
    return float(2 * special.ndtr(-abs(z)))


def corrected(p_values: Sequence[float | None]) -> list[float | None]:
    """Benjamini-Hochberg corrected p-values (Benjamini and Hochberg 1995); None stays None and is not counted."""
    known = np.array([p for p in p_values if p is not None], dtype=np.float64)
    if not len(known):
        return [None] * len(p_values)
    order = np.argsort(known)[::-1]
    scaled = known[order] * len(known) / np.arange(len(known), 0, -1)
    out = np.empty_like(known)
    out[order] = np.minimum(np.minimum.accumulate(scaled), 1.0)
    rest = iter(out.tolist())
    return [None if p is None else next(rest) for p in p_values]
