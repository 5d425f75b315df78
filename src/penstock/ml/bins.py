"""Both sides of a column counted over the same bins, for PSI, Jensen-Shannon and histograms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from penstock.core.drift_report import Histogram
from penstock.ml.extract import Counts, Floats
from penstock.ml.profile import CategoricalProfile, ColumnProfile, NumericalProfile, aligned


@dataclass(frozen=True, slots=True)
class Binned:
    """Counts of both sides over the same bins, the last of which holds the missing values."""

    reference: Counts
    current: Counts


def binned(reference: ColumnProfile, current: ColumnProfile, bins: int) -> Binned:
    """Numbers in `bins` quantile bins of the reference, open at both ends; each category its own bin."""
    if isinstance(reference, NumericalProfile) and isinstance(current, NumericalProfile):
        edges = _edges(reference, bins)
        sides = [np.diff(side.ranks(edges), prepend=0, append=side.size) for side in (reference, current)]
    elif isinstance(reference, CategoricalProfile) and isinstance(current, CategoricalProfile):
        _, *sides = aligned(reference, current)
    else:
        raise TypeError("Both sides must be profiled alike.")
    missing = (reference.missing, current.missing)
    a, b = (np.append(side, gone) for side, gone in zip(sides, missing, strict=True))
    return Binned(a, b)


def _edges(reference: NumericalProfile, bins: int) -> Floats:
    """Inner edges; a bin is (left, right]. A reference of few values has one bin for each value."""
    if not reference.size:
        return np.zeros(0)
    few = _few_values(reference, bins)
    if few is not None:
        return np.unique(np.concatenate([_just_below(few), few]))
    return np.unique(reference.quantiles(np.arange(1, bins) / bins))


def _few_values(reference: NumericalProfile, bins: int) -> Floats | None:
    if len(reference.values) > bins and reference.counts is None:
        return None
    distinct = np.unique(reference.values)
    return distinct if len(distinct) <= bins else None


def pooled(both: Binned, least: float = 5.0) -> Binned:
    """The same with rare bins put together, when more than one in five is rare (Cochran's rule).

    A bin is rare when the smaller side expects fewer than `least` rows in it. Thousands of rare categories
    then raise no false alarms. Where fewer than two bins would be left, all are kept.
    """
    n, m = int(both.reference.sum()), int(both.current.sum())
    total = both.reference + both.current
    rare = total * min(n, m) < least * (n + m)
    if rare.sum() * 5 <= (total > 0).sum() or (~rare).sum() < 2:
        return both
    a, b = both.reference, both.current
    return Binned(np.append(a[~rare], a[rare].sum()), np.append(b[~rare], b[rare].sum()))


def histogram(reference: ColumnProfile, current: ColumnProfile, bins: int) -> Histogram | None:
    """A paired histogram; None when no side has a value to draw."""
    if isinstance(reference, NumericalProfile) and isinstance(current, NumericalProfile):
        return _of_numbers(reference, current, bins)
    if isinstance(reference, CategoricalProfile) and isinstance(current, CategoricalProfile):
        return _of_categories(reference, current, bins)
    raise TypeError("Both sides must be profiled alike.")


def _of_numbers(reference: NumericalProfile, current: NumericalProfile, bins: int) -> Histogram | None:
    sides = [side for side in (reference.finite(), current.finite()) if len(side.values)]
    if not sides:
        return None
    low, high = _range(sides)
    edges = np.linspace(low, high, bins + 1)
    a, b = (_counted(side.finite(), edges) for side in (reference, current))
    return Histogram(
        reference=tuple(a.tolist()), current=tuple(b.tolist()), edges=tuple(edges.tolist()),
        reference_missing=reference.missing, current_missing=current.missing,
    )  # fmt: skip


_LARGEST = 1e300
"""Beyond, widths overflow."""


def _range(sides: list[NumericalProfile]) -> tuple[float, float]:
    """From the smallest to the largest value; a far outlier is counted in the outer bar instead."""
    inner = np.array([s.quantiles(np.array([0.0, 0.005, 0.995, 1.0])) for s in sides])
    inner = np.clip(inner, -_LARGEST, _LARGEST)
    low, left, right, high = inner[:, 0].min(), inner[:, 1].min(), inner[:, 2].max(), inner[:, 3].max()
    if right > left and high / 20 - low / 20 > right - left:
        low, high = max(low, left - (right - left)), min(high, right + (right - left))
    return (float(low), float(high)) if high > low else (float(low) - 0.5, float(low) + 0.5)


def _counted(side: NumericalProfile, edges: Floats) -> Counts:
    """Bars [left, right), the last one closed; what lies outside is in the outer bars."""
    return np.diff(side.ranks(_just_below(edges[1:-1])), prepend=0, append=side.size)


def _just_below(values: Floats) -> Floats:
    with np.errstate(over="ignore", under="ignore"):
        return np.nextafter(values, -np.inf)


def _of_categories(reference: CategoricalProfile, current: CategoricalProfile, bins: int) -> Histogram | None:
    labels, a, b = aligned(reference, current)
    if not len(labels):
        return None
    weight = a / max(reference.size, 1) + b / max(current.size, 1)
    top = np.argsort(-weight, kind="stable")[:bins]
    return Histogram(
        reference=tuple(a[top].tolist()), current=tuple(b[top].tolist()),
        labels=tuple(text[:80] for text in labels.take(top).to_pylist()),
        reference_others=int(a.sum() - a[top].sum()), current_others=int(b.sum() - b[top].sum()),
        reference_missing=reference.missing, current_missing=current.missing,
    )  # fmt: skip
