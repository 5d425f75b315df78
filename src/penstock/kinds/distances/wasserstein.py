"""Wasserstein distance."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from penstock.core.drift_report import DistanceResult
from penstock.core.evaluation import Distance

if TYPE_CHECKING:
    from penstock.ml.profile import NumericalProfile


class Wasserstein(Distance):
    """Wasserstein (earth mover's) distance of numbers, in standard deviations of the reference.

    How far the average value had to travel: a pure shift by half a standard deviation gives 0.5. Infinite values
    stay out.

    Example:
        type: wasserstein
    """

    LABEL: ClassVar[str] = "Wasserstein distance"
    SERVES: ClassVar[frozenset[str]] = frozenset({"numerical"})

    def between(self, reference: NumericalProfile, current: NumericalProfile) -> DistanceResult:
        """The distance as value, ≥ 0. No result for a constant reference, which has no unit to measure in."""
        import numpy as np

        from penstock.ml.ecdf import area_between

        if not reference.finite().size or not current.finite().size:
            return DistanceResult(reason="One side has no finite value.")
        with np.errstate(over="ignore", invalid="ignore"):
            unit, area = reference.deviation(), area_between(reference, current)
            if area == 0:
                return DistanceResult(value=0.0)
            if unit == 0:
                return DistanceResult(reason="The reference is constant, so there is no unit to measure in.")
            distance = area / unit
        if not np.isfinite(distance):
            return DistanceResult(reason="The values are too large to measure.")
        return DistanceResult(value=float(distance))
