"""Learning how to prepare rows, from the train rows alone: fills, scales, vocabularies, target means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from penstock.core.design import CategoryHandling, DatetimeHandling, Handling, NumericHandling, Part
from penstock.ml import cells
from penstock.ml.prepare import (
    CYCLES,
    FittedCategory,
    FittedFeature,
    FittedInstant,
    FittedNumber,
    FittedPart,
    Preparation,
    part_values,
)

CROSS_FITS = 5


@dataclass(frozen=True, slots=True)
class Fitted:
    """A preparation, and the train rows as it makes them: (n, width), and (n,) False for dropped rows."""

    preparation: Preparation
    matrix: np.ndarray
    kept: np.ndarray


def fit(handlings: Mapping[str, Handling], table: pa.Table, means: np.ndarray, *, seed: int) -> Fitted:
    """Learn from a table. `means` (n, m) is what target encoding averages.

    A target-encoded train row never sees its own target: its matrix comes from the other folds' means.
    """
    preparation = Preparation(
        features=tuple(_fit_feature(n, h, cells.flat(table[n]), means) for n, h in handlings.items())
    )
    matrix, kept = preparation.matrix(table, dataset="the train data")
    for feature in preparation.features:
        if isinstance(feature, FittedCategory) and feature.encode == "target":
            handling = handlings[feature.name]
            assert isinstance(handling, CategoryHandling)
            codes = feature.codes(cells.flat(table[feature.name]), np.ones(len(kept), dtype=np.bool_))
            size = len(feature.table)
            matrix[:, preparation.groups[feature.name]] = _cross_fitted(
                codes, means, size, handling.smoothing, seed
            )
    return Fitted(preparation, matrix, kept)


def _fit_feature(name: str, handling: Handling, column: pa.Array, means: np.ndarray) -> FittedFeature:
    if isinstance(handling, NumericHandling):
        return _fit_number(name, handling, column)
    if isinstance(handling, DatetimeHandling):
        return _fit_instant(name, handling, column)
    return _fit_category(name, handling, column, means)


def _fit_number(name: str, handling: NumericHandling, column: pa.Array) -> FittedNumber:
    values = cells.numbers(column, name=name)
    present = values[~np.isnan(values)]
    fill = _fill(handling, present)
    filled = present if fill is None else np.where(np.isnan(values), fill, values)
    keep = handling.form == "keep"
    centre, scale = _rescaling(filled, handling.rescale) if keep else (0.0, 1.0)
    return FittedNumber(
        type="number",
        name=name,
        trained=cells.cell_type(column.type) or "number",
        fill=0.0 if handling.form == "flag" else fill,
        form=handling.form,
        cuts=_cuts(handling, present),
        centre=centre,
        scale=scale,
        missing_flag=handling.missing_flag,
    )


def _fill(handling: NumericHandling, present: np.ndarray) -> float | None:
    if handling.missing == "drop":
        return None
    if handling.missing == "constant" or not len(present):
        return handling.constant
    return float(present.mean() if handling.missing == "mean" else np.median(present))


def _rescaling(values: np.ndarray, how: str) -> tuple[float, float]:
    if how == "none" or not len(values):
        return 0.0, 1.0
    low, spread = (values.mean(), values.std()) if how == "standard" else (values.min(), np.ptp(values))
    tiny = spread <= 1e-12 * max(1.0, abs(float(low)))
    return float(low), 1.0 if tiny or not np.isfinite(spread) else float(spread)


def _cuts(handling: NumericHandling, present: np.ndarray) -> tuple[float, ...]:
    if handling.form == "binarise":
        mean = float(present.mean()) if len(present) else 0.0
        return (mean if handling.cut is None else handling.cut,)
    if handling.form == "quantise" and len(present):
        shares = np.arange(1, handling.bins) / handling.bins
        return tuple(float(c) for c in np.unique(np.quantile(present, shares)))
    return ()


def _fit_instant(name: str, handling: DatetimeHandling, column: pa.Array) -> FittedInstant:
    instants = cells.instants(column, name=name)
    parts = [
        _fit_part(instants, part, circle, handling)
        for part in handling.parts
        for circle in _circles(part, handling)
    ]
    return FittedInstant(
        type="instant", name=name, trained="instant", parts=tuple(parts), drop=handling.missing == "drop"
    )


def _circles(part: Part, handling: DatetimeHandling) -> tuple[str, ...]:
    return ("sine", "cosine") if handling.cyclical and part in CYCLES else ("",)


def _fit_part(instants: pa.Array, part: Part, circle: str, handling: DatetimeHandling) -> FittedPart:
    values = part_values(instants, part, circle)
    present = values[~np.isnan(values)]
    fill = float(np.median(present)) if len(present) else 0.0
    centre, scale = _rescaling(np.where(np.isnan(values), fill, values), handling.rescale)
    return FittedPart.model_validate(
        {"part": part, "circle": circle, "fill": fill, "centre": centre, "scale": scale}
    )


def _fit_category(
    name: str, handling: CategoryHandling, column: pa.Array, means: np.ndarray
) -> FittedCategory:
    trained = cells.cell_type(column.type) or "text"
    words = cells.texts(column, name=name, trained=trained)
    ranked = _ranked(words)
    fill = _fill_word(handling, ranked)
    vocabulary = tuple(word for word, _ in ranked[: handling.most]) if handling.encode != "hashing" else ()
    bare = FittedCategory(
        type="category",
        name=name,
        trained=trained,
        encode=handling.encode,
        vocabulary=vocabulary,
        fill=fill,
        drop=handling.missing == "drop",
        missing_is_value=handling.missing == "category",
        buckets=handling.buckets if handling.encode == "hashing" else 0,
    )
    if handling.encode in ("one_hot", "hashing"):
        return bare
    return bare.changed(table=_table(bare, handling, column, means))


def _ranked(words: pa.Array) -> list[tuple[str, int]]:
    """Words with their counts, most frequent first, equals by alphabet: the same order on every run."""
    counts = Counter({c["values"]: c["counts"] for c in pc.value_counts(words.drop_null()).to_pylist()})
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _fill_word(handling: CategoryHandling, ranked: list[tuple[str, int]]) -> str | None:
    if handling.missing == "constant":
        return handling.constant
    return ranked[0][0] if handling.missing == "most_frequent" and ranked else None


def _table(
    feature: FittedCategory, handling: CategoryHandling, column: pa.Array, means: np.ndarray
) -> tuple[tuple[float, ...], ...]:
    """One row per word, then rare, then empty."""
    size = len(feature.vocabulary) + 2
    if handling.encode == "ordinal":
        return tuple((float(i),) for i in range(size))
    if handling.encode == "flag":
        return tuple((float(i < size - 1),) for i in range(size))
    codes = feature.codes(column, np.ones(len(column), dtype=np.bool_))
    if handling.encode == "frequency":
        shares = np.bincount(codes, minlength=size) / max(1, len(codes))
        return tuple((float(s),) for s in shares)
    smoothed = _smoothed_means(codes, means, size, handling.smoothing)
    return tuple(tuple(float(v) for v in row) for row in smoothed)


def _smoothed_means(codes: np.ndarray, means: np.ndarray, size: int, smoothing: float) -> np.ndarray:
    """(size, m): (sum + smoothing × overall mean) / (count + smoothing); the overall mean where both are 0."""
    overall = means.mean(axis=0) if len(means) else np.zeros(means.shape[1])
    counts = np.bincount(codes, minlength=size).astype(np.float64)[:, None]
    sums = np.stack([np.bincount(codes, weights=m, minlength=size) for m in means.T], axis=1)
    weight = counts + smoothing
    return np.where(weight > 0, (sums + smoothing * overall) / np.where(weight > 0, weight, 1.0), overall)


def _cross_fitted(codes: np.ndarray, means: np.ndarray, size: int, smoothing: float, seed: int) -> np.ndarray:
    fold = np.random.default_rng(seed).permutation(len(codes)) % CROSS_FITS
    out = np.empty((len(codes), means.shape[1]))
    for k in range(CROSS_FITS):
        inside = fold == k
        out[inside] = _smoothed_means(codes[~inside], means[~inside], size, smoothing)[codes[inside]]
    return out
