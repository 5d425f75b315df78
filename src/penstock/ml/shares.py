"""Shares of the classes on two sides: did they move, and what would follow from a threshold had they not?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from penstock.ml.bins import Binned
from penstock.ml.homogeneity import chi_square
from penstock.ml.measures import Counts

LEAST = 0.05
"""A share that moved by less than this part of itself moves no score by more; with many rows it is significant."""


@dataclass(frozen=True, slots=True)
class Shift:
    """How the rows of two sides fall into the classes, in their order, as shares of 1.

    `p_value` is that of the chi-square test of homogeneity, `effect` its Cramér's V.
    """

    reference: tuple[float, ...]
    current: tuple[float, ...]
    p_value: float
    effect: float

    def moved(self, confidence: float) -> bool:
        """Whether it is significant, and large enough for a score to feel it."""
        pairs = zip(self.reference, self.current, strict=True)
        felt = any(abs(c - r) > LEAST * r for r, c in pairs)
        return felt and self.p_value <= 1 - confidence


def shift(reference: Sequence[float], current: Sequence[float]) -> Shift | None:
    """Compare rows by class, (k,) each; None when a side has no row."""
    before, after = (np.rint(np.asarray(side)).astype(np.int64) for side in (reference, current))
    if not before.sum() or not after.sum():
        return None
    test = chi_square(Binned(before, after))
    return Shift(
        tuple(float(v) for v in before / before.sum()), tuple(float(v) for v in after / after.sum()),
        test.p_value, test.effect,
    )  # fmt: skip


def at_share(counts: Counts, share: float) -> Counts | None:
    """The same hits among positives and false alarms among negatives, with another share of positives.

    None when there are no positives or no negatives to go by.
    """
    positives, negatives = counts.tp + counts.fn, counts.fp + counts.tn
    if not positives or not negatives:
        return None
    up, down = share * counts.total / positives, (1 - share) * counts.total / negatives
    return Counts(tp=counts.tp * up, fp=counts.fp * down, tn=counts.tn * down, fn=counts.fn * up)
