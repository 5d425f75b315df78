"""Population stability index."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.core.drift_report import DistanceResult
from penstock.core.evaluation import Distance

if TYPE_CHECKING:
    from penstock.ml.profile import ColumnProfile

FLOOR = 1e-4


class PopulationStabilityIndex(Distance):
    """Population stability index: Σ (c − r)·ln(c / r) over bins or categories, missing values a bin of their own.

    Shares are floored at 0.0001 on both sides, so a category of one side only gives a high finite value. Under
    0.1 is usually called stable, 0.1 to 0.25 moderate, above that high. The p-value is that of a chi-square test
    over the same bins: an index that sampling alone explains is not drift.

    Example:
        type: psi
        bins: 10
    """

    LABEL: ClassVar[str] = "PSI"

    bins: int = Field(default=10, ge=2, le=100, description="Quantile bins of the reference, for numbers.")

    def between(self, reference: ColumnProfile, current: ColumnProfile) -> DistanceResult:
        """The index as value, ≥ 0. No result when a side has no row."""
        import numpy as np

        from penstock.ml.bins import binned
        from penstock.ml.homogeneity import chi_square

        if not reference.rows or not current.rows:
            return DistanceResult(reason="One side has no row.")
        both = binned(reference, current, self.bins)
        r = np.maximum(both.reference / reference.rows, FLOOR)
        c = np.maximum(both.current / current.rows, FLOOR)
        return DistanceResult(value=float(((c - r) * np.log(c / r)).sum()), p_value=chi_square(both).p_value)
