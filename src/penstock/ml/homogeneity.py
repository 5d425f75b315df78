"""The chi-square test of homogeneity: do two sides fall into the same bins alike?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from penstock.ml.bins import Binned, pooled


@dataclass(frozen=True, slots=True)
class Homogeneity:
    """χ² of a 2 × k table without continuity correction; `weight` is 4nm/(n+m), which turns λ into V²."""

    statistic: float
    degrees: int
    p_value: float
    weight: float

    @property
    def effect(self) -> float:
        """Cramér's V at equal side sizes, bias taken off; 0 to 1."""
        return self._effect(self.statistic - self.degrees)

    def effect_interval(self, confidence: float) -> tuple[float, float]:
        """Bounds of V: the noncentralities λ under which χ² is the upper and the lower quantile."""
        from scipy import special

        if self.degrees == 0:
            return 0.0, 0.0
        tail = (1 - confidence) / 2
        low, high = (float(special.chndtrinc(self.statistic, self.degrees, p)) for p in (1 - tail, tail))
        return min(self._effect(low), self.effect), max(self._effect(high), self.effect)

    def _effect(self, noncentrality: float) -> float:
        if not np.isfinite(noncentrality):
            return 1.0
        return float(min(1.0, np.sqrt(max(0.0, noncentrality) / self.weight)))


def chi_square(both: Binned) -> Homogeneity:
    """Test two rows of counts; needs a row on both sides. Bins empty on both sides do not count."""
    from scipy import special

    both = pooled(both)
    seen = (both.reference + both.current) > 0
    a, b = both.reference[seen].astype(np.float64), both.current[seen].astype(np.float64)
    n, m = a.sum(), b.sum()
    weight, degrees = float(4 * n / (n + m) * m), len(a) - 1
    if degrees == 0:
        return Homogeneity(0.0, 0, 1.0, weight)
    expected = (a + b) * (n / (n + m))
    statistic = float((((a - expected) ** 2) / expected).sum() * (1 + n / m))
    return Homogeneity(statistic, degrees, float(special.chdtrc(degrees, statistic)), weight)
