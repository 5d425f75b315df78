"""Jensen-Shannon distance."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.core.drift_report import DistanceResult
from penstock.core.evaluation import Distance

if TYPE_CHECKING:
    import numpy as np

    from penstock.ml.profile import ColumnProfile


class JensenShannon(Distance):
    """Jensen-Shannon distance over bins or categories: 0 when both sides are alike, 1 when they share nothing.

    The square root of the divergence to the base 2 (Endres and Schindelin 2003), over the bins of PSI.

    Example:
        type: jensen_shannon
        bins: 10
    """

    LABEL: ClassVar[str] = "Jensen-Shannon distance"

    bins: int = Field(default=10, ge=2, le=100, description="Quantile bins of the reference, for numbers.")

    def between(self, reference: ColumnProfile, current: ColumnProfile) -> DistanceResult:
        """The distance in [0, 1] as value. No result when a side has no row."""
        import numpy as np

        from penstock.ml.bins import binned

        if not reference.rows or not current.rows:
            return DistanceResult(reason="One side has no row.")
        both = binned(reference, current, self.bins)
        r, c = both.reference / reference.rows, both.current / current.rows
        middle = (r + c) / 2
        divergence = (_entropy_to(r, middle) + _entropy_to(c, middle)) / 2
        return DistanceResult(value=float(np.sqrt(min(1.0, max(0.0, divergence)))))


def _entropy_to(share: np.ndarray, middle: np.ndarray) -> float:
    import numpy as np

    held = share > 0
    return float((share[held] * np.log2(share[held] / middle[held])).sum())
