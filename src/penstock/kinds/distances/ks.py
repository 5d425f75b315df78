"""Two-sample Kolmogorov-Smirnov test."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, ClassVar

from penstock.core.drift_report import DistanceResult
from penstock.core.evaluation import Distance

if TYPE_CHECKING:
    from penstock.ml.profile import NumericalProfile

MOST_FOR_EXACT_P = 10_000
_warnings_lock = threading.Lock()


class KolmogorovSmirnov(Distance):
    """Two-sample Kolmogorov-Smirnov test of numbers: the largest gap between the two distributions.

    The value and the effect are D, the share of rows that lie on another side of the best cut. The p-value is
    scipy's: exact up to 10,000 values a side, else the asymptotic distribution. The interval of D holds for any
    distribution: D ± √(ln(4/α)/2n) ± √(ln(4/α)/2m) (Dvoretzky-Kiefer-Wolfowitz inequality with the constant of
    Massart 1990, half of α for each side).

    Example:
        type: ks
    """

    LABEL: ClassVar[str] = "KS test"
    SERVES: ClassVar[frozenset[str]] = frozenset({"numerical"})

    def between(self, reference: NumericalProfile, current: NumericalProfile) -> DistanceResult:
        """D in [0, 1] as value and effect. No result when a side has no value."""
        from penstock.ml.ecdf import largest_gap

        n, m = reference.size, current.size
        if not n or not m:
            return DistanceResult(reason="One side has no value.")
        gap = largest_gap(reference, current)
        half = _half_width(n, m, 1 - self.confidence_level)
        return DistanceResult(
            value=gap, p_value=_p_value(reference, current, gap), effect=gap,
            lower=max(0.0, gap - half), upper=min(1.0, gap + half),
        )  # fmt: skip


def _half_width(n: int, m: int, alpha: float) -> float:
    import math

    return math.sqrt(math.log(4 / alpha) / 2) * (n**-0.5 + m**-0.5)


def _p_value(reference: NumericalProfile, current: NumericalProfile, gap: float) -> float:
    from penstock.ml.kolmogorov import asymptotic_p

    n, m = reference.size, current.size
    return _exact(reference, current) if max(n, m) <= MOST_FOR_EXACT_P else asymptotic_p(gap, n, m)


def _exact(reference: NumericalProfile, current: NumericalProfile) -> float:
    """scipy counts paths; where that overflows it warns and takes the asymptotic value, which is fine here."""
    import warnings

    from scipy import stats

    with _warnings_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return float(stats.ks_2samp(reference.expanded(), current.expanded()).pvalue)
