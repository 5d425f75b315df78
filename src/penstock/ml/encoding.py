"""Rows of both sides as numbers that a classifier can look at, and which rows are identical."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from penstock.core.drift import Handling
from penstock.ml.extract import Counts, Floats, NotComparable, category_codes, numbers

MOST_CATEGORIES = 100
OTHER, MISSING = 0, 1
COARSE = 10


@dataclass(frozen=True, slots=True)
class Encoded:
    """Both sides one under the other, reference first.

    features     (2n, p) floats: numbers with missing ones set to the mean; categories as codes 0..101, where 0 is
                 any but the 100 most frequent and 1 is missing
    categorical  (p,) which features are codes
    exact        (2n, p) integer codes of the exact values, equal where values are equal
    """

    names: tuple[str, ...]
    features: Floats
    categorical: npt.NDArray[np.bool_]
    exact: Counts
    skipped: Mapping[str, str]
    """Column → why it could not be encoded."""

    def without(self, names: tuple[str, ...]) -> Encoded:
        """The same rows without some columns."""
        kept = [i for i, name in enumerate(self.names) if name not in names]
        return Encoded(
            tuple(self.names[i] for i in kept), self.features[:, kept], self.categorical[kept],
            self.exact[:, kept], self.skipped,
        )  # fmt: skip

    def coarse(self, names: tuple[str, ...], cells: int = COARSE) -> Encoded:
        """The same rows with some numbers cut into so many cells of equally many rows: no longer exact."""
        features = self.features.copy()
        for i, name in enumerate(self.names):
            if name in names and not self.categorical[i]:
                edges = np.quantile(features[:, i], np.linspace(0, 1, cells + 1)[1:-1])
                features[:, i] = np.searchsorted(edges, features[:, i], side="right")
        return Encoded(self.names, features, self.categorical, self.exact, self.skipped)


def encode(reference: pa.Table, current: pa.Table, handling: Mapping[str, Handling]) -> Encoded:
    """Encode the columns named by `handling` as numerical or categorical; both tables must have them."""
    features, exact, kept, skipped = [], [], [], {}
    for name, how in handling.items():
        sides = [reference.column(name), current.column(name)]
        try:
            values, codes = _numbers(sides, name) if how == "numerical" else _categories(sides, name)
        except NotComparable as reason:
            skipped[name] = str(reason)
            continue
        features.append(values)
        exact.append(codes)
        kept.append(name)
    rows = reference.num_rows + current.num_rows
    return Encoded(
        names=tuple(kept),
        features=np.column_stack(features) if kept else np.zeros((rows, 0)),
        categorical=np.array([handling[name] == "categorical" for name in kept], dtype=bool),
        exact=np.column_stack(exact) if kept else np.zeros((rows, 0), np.int64),
        skipped=skipped,
    )


def _numbers(sides: list[pa.ChunkedArray], name: str) -> tuple[Floats, Counts]:
    values = np.concatenate([numbers(side, name) for side in sides]) + 0.0
    codes = np.unique(values, return_inverse=True)[1].astype(np.int64)
    known = values[np.isfinite(values)]
    if not len(known):
        return np.zeros(len(values)), codes
    limited = np.clip(values, known.min(), known.max())  # ±inf; NaN passes through
    return np.where(np.isnan(limited), known.mean(), limited), codes


def _categories(sides: list[pa.ChunkedArray], name: str) -> tuple[Floats, Counts]:
    codes = np.concatenate(category_codes(sides, name)) + 1
    counts = np.bincount(codes, minlength=1)
    counts[0] = 0
    top = np.argsort(-counts, kind="stable")[:MOST_CATEGORIES]
    feature_of = np.full(len(counts), OTHER)
    feature_of[top] = np.arange(len(top)) + 2
    feature_of[0] = MISSING
    return feature_of[codes].astype(np.float64), codes


def identical_rows(of: Encoded) -> Counts:
    """Which group of identical rows each row belongs to: (2n,) codes 0..g-1."""
    key = np.zeros(len(of.features), np.uint64)
    for column in of.features.T:
        key = (key ^ np.ascontiguousarray(column + 0.0).view(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(29)
    return np.unique(key, return_inverse=True)[1].astype(np.int64)
