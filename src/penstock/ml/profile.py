"""Column profiles: exact, mergeable summaries of one column, all that drift needs to know of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from penstock.ml.extract import (
    Counts,
    Floats,
    NotComparable,
    cast_numbers,
    counted_texts,
    known_numbers,
    summed,
    texts,
)

_BLOCK = 65_536


@dataclass(frozen=True, slots=True)
class NumericalProfile:
    """All values of a numeric column, sorted. Times are epoch seconds, booleans 0 and 1.

    `values` (k,) ascending, without NaN, may hold ±inf. `counts` (k,) says how often each occurs and the
    values are then distinct; None = every entry counts once. A null or NaN is a missing value.
    """

    name: str
    type: str
    missing: int
    values: Floats
    counts: Counts | None = None

    @property
    def size(self) -> int:
        """Rows with a value."""
        return int(len(self.values) if self.counts is None else self.counts.sum())

    @property
    def rows(self) -> int:
        return self.size + self.missing

    @property
    def infinite(self) -> int:
        """How many values are ±inf."""
        return self.size - self.finite().size

    def finite(self) -> NumericalProfile:
        """The same without ±inf (and without copying)."""
        first = int(np.searchsorted(self.values, -np.inf, side="right"))
        last = int(np.searchsorted(self.values, np.inf, side="left"))
        counts = None if self.counts is None else self.counts[first:last]
        return NumericalProfile(self.name, self.type, self.missing, self.values[first:last], counts)

    def ranks(self, points: Floats) -> Counts:
        """How many values are ≤ each point. (p,) → (p,)"""
        place = np.searchsorted(self.values, points, side="right")
        return place if self.counts is None else np.concatenate(([0], self.counts.cumsum()))[place]

    def quantiles(self, shares: Floats) -> Floats:
        """Linear interpolation between order statistics, numpy's default. NaN-free; needs at least one value."""
        if self.counts is None:
            position = shares * (len(self.values) - 1)
            low = np.floor(position).astype(np.int64)
            a, b = self.values[low], self.values[np.minimum(low + 1, len(self.values) - 1)]
        else:
            ends, position = self.counts.cumsum(), shares * (self.size - 1)
            low = np.floor(position).astype(np.int64)
            a = self.values[np.searchsorted(ends, low, side="right")]
            b = self.values[np.searchsorted(ends, np.minimum(low + 1, ends[-1] - 1), side="right")]
        with np.errstate(invalid="ignore", over="ignore"):
            between = a + (b - a) * (position - low)
        return np.where(np.isfinite(between), between, a)

    def deviation(self) -> float:
        """Standard deviation of the finite values (population formula); 0 when there are none."""
        finite = self.finite()
        if not len(finite.values):
            return 0.0
        n, centre = finite.size, finite.values[len(finite.values) // 2]
        unit = (
            1e200 if max(finite.values[-1], -finite.values[0]) > 1e150 else 1.0
        )  # squares must not overflow
        first = second = 0.0
        for at in range(0, len(finite.values), _BLOCK):  # no copy of the whole column
            off = finite.values[at : at + _BLOCK] / unit - centre / unit
            weighted = off if finite.counts is None else off * finite.counts[at : at + _BLOCK]
            first, second = first + float(weighted.sum()), second + float((weighted * off).sum())
        return unit * float(np.sqrt(max(0.0, second / n - (first / n) ** 2)))

    def expanded(self) -> Floats:
        """Every value, sorted: (size,)."""
        return self.values if self.counts is None else np.repeat(self.values, self.counts)

    def merge(self, other: NumericalProfile) -> NumericalProfile:
        """The profile of both columns put one under the other; memory for the distinct values where they recur."""
        missing = self.missing + other.missing
        if self.counts is None and other.counts is None:
            both = np.concatenate([self.values, other.values])
            return sorted_profile(self.name, self.type, both, missing=missing)
        values, counts = _together(self, other)
        if 2 * len(values) > counts.sum():
            return NumericalProfile(self.name, self.type, missing, np.repeat(values, counts))
        return NumericalProfile(self.name, self.type, missing, values, counts)


@dataclass(frozen=True, slots=True)
class CategoricalProfile:
    """How often each category of a column occurs; `labels` (k,) sorted texts, `counts` (k,)."""

    name: str
    type: str
    missing: int
    labels: pa.Array
    counts: Counts

    @property
    def size(self) -> int:
        """Rows with a value."""
        return int(self.counts.sum())

    @property
    def rows(self) -> int:
        return self.size + self.missing

    def merge(self, other: CategoricalProfile) -> CategoricalProfile:
        """The profile of both columns put one under the other."""
        labels, mine, theirs = aligned(self, other)
        return CategoricalProfile(self.name, self.type, self.missing + other.missing, labels, mine + theirs)


ColumnProfile: TypeAlias = NumericalProfile | CategoricalProfile


def profile(
    column: pa.ChunkedArray | pa.Array, *, name: str, handling: Literal["numerical", "categorical"]
) -> ColumnProfile:
    """Summarise a column as numbers or as categories. Raises NotComparable with the reason."""
    chunked = column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
    kind = str(chunked.type)
    if handling == "categorical":
        labels, counts, missing = counted_texts(chunked, name)
        return CategoricalProfile(name, kind, missing, labels, counts)
    values, missing = known_numbers(chunked, name)
    return sorted_profile(name, kind, values, missing=missing)


def profile_batches(
    batches: Iterable[pa.RecordBatch], handling: dict[str, Literal["numerical", "categorical"]]
) -> dict[str, ColumnProfile]:
    """Profiles of a stream of record batches, batch by batch; memory for the numbers, not for the texts.

    Numbers are merged in pairs of like size, so that a long stream costs O(n log n).
    """
    piles: dict[str, list[ColumnProfile]] = {name: [] for name in handling}
    for batch in batches:
        for name, how in handling.items():
            pile(piles[name], profile(batch.column(name), name=name, handling=how))
    return {name: reduce(merged, waiting) for name, waiting in piles.items() if waiting}


def merged(a: ColumnProfile, b: ColumnProfile) -> ColumnProfile:
    """Either sort of profile, of the same sort on both sides. Raises NotComparable otherwise."""
    if isinstance(a, NumericalProfile) and isinstance(b, NumericalProfile):
        return a.merge(b)
    if isinstance(a, CategoricalProfile) and isinstance(b, CategoricalProfile):
        return a.merge(b)
    raise NotComparable(f"Column '{a.name}' is numerical in one part and categorical in the other.")


def pile(waiting: list[ColumnProfile], new: ColumnProfile) -> None:
    """Merge a profile with those of like size that wait; what waits in the end is still to be merged."""
    while waiting and waiting[-1].rows <= new.rows:
        new = merged(waiting.pop(), new)
    waiting.append(new)


def sorted_profile(name: str, type_: str, values: Floats, *, missing: int) -> NumericalProfile:
    """Sort values in place, move NaN to the missing ones, and keep counts where most values recur."""
    values += 0.0  # -0.0 and 0.0 are one value
    values.sort()
    size = int(np.searchsorted(values, np.nan, side="left"))
    values, missing = values[:size], missing + len(values) - size
    new = values[1:] != values[:-1]
    if not size or 2 * (np.count_nonzero(new) + 1) > size:
        return NumericalProfile(name, type_, missing, values)
    starts = np.concatenate(([0], np.flatnonzero(new) + 1))
    return NumericalProfile(name, type_, missing, values[starts], np.diff(starts, append=size))


def _together(a: NumericalProfile, b: NumericalProfile) -> tuple[Floats, Counts]:
    """The distinct values of both, ascending, and how often each occurs. At least one of them has counts."""
    values = np.concatenate([a.values, b.values])
    counts = np.concatenate(
        [np.ones(len(s.values), np.int64) if s.counts is None else s.counts for s in (a, b)]
    )
    order = np.argsort(values, kind="stable")
    values, counts = values[order], counts[order]
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    return values[starts], np.add.reduceat(counts, starts)


def aligned(a: CategoricalProfile, b: CategoricalProfile) -> tuple[pa.Array, Counts, Counts]:
    """All labels of both sides, sorted, and each side's counts of them."""
    new = b.labels.filter(pc.invert(pc.is_in(b.labels, value_set=a.labels)))
    labels = pa.concat_arrays([a.labels, new])
    labels = labels.take(pc.sort_indices(labels))
    return labels, _counts_of(a, labels), _counts_of(b, labels)


def as_categorical(of: ColumnProfile) -> CategoricalProfile:
    """A profile of numbers seen as categories; exact, because nothing was thrown away."""
    if isinstance(of, CategoricalProfile):
        return of
    values, counts = np.unique(of.values, return_counts=True) if of.counts is None else (of.values, of.counts)
    labels, sums = summed(texts(pa.array(values)), np.asarray(counts, np.int64))
    return CategoricalProfile(of.name, of.type, of.missing, labels, sums)


def as_numerical(of: ColumnProfile) -> NumericalProfile:
    """A profile of categories seen as numbers. Raises NotComparable when a category is no number."""
    if isinstance(of, NumericalProfile):
        return of
    values = np.repeat(cast_numbers(of.labels, of.name).to_numpy(zero_copy_only=False), of.counts)
    return sorted_profile(of.name, of.type, values.astype(np.float64), missing=of.missing)


def _counts_of(side: CategoricalProfile, labels: pa.Array) -> Counts:
    if not len(side.labels):
        return np.zeros(len(labels), np.int64)
    place = pc.fill_null(pc.index_in(labels, value_set=side.labels), -1).to_numpy()
    return np.where(place >= 0, side.counts[place], 0)
