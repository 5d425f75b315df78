"""Pearson's chi-square test."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.drift_report import DistanceResult
from penstock.core.evaluation import Distance

if TYPE_CHECKING:
    from penstock.ml.profile import CategoricalProfile


class ChiSquare(Distance):
    """Chi-square test of categories: do both sides share one distribution? No continuity correction.

    Rare categories are put together where more than one in five is rare (Cochran's rule). The effect is Cramér's
    V of the 2 × k table, less its bias (Bergsma 2013) and brought to sides of equal size, so that it does not
    depend on how many rows either side has: √(λ / (4nm/(n+m))) with λ = χ² − dof. Its interval inverts the
    noncentral chi-square distribution (Smithson 2003).

    Example:
        type: chi_square
    """

    LABEL: ClassVar[str] = "Chi-square test"
    SERVES: ClassVar[frozenset[str]] = frozenset({"categorical"})

    def between(self, reference: CategoricalProfile, current: CategoricalProfile) -> DistanceResult:
        """χ² as value, V in [0, 1] as effect. Missing values stay out; they have a measure of their own."""
        from penstock.ml.bins import Binned
        from penstock.ml.homogeneity import chi_square
        from penstock.ml.profile import aligned

        if not reference.size or not current.size:
            return DistanceResult(reason="One side has no value.")
        _, a, b = aligned(reference, current)
        test = chi_square(Binned(a, b))
        low, high = test.effect_interval(self.confidence_level)
        return DistanceResult(
            value=test.statistic, p_value=test.p_value, effect=test.effect, lower=low, upper=high
        )
