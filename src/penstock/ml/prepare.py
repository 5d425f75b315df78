"""Rows of a table → rows of a matrix, by what was learned from the train rows.

Not scikit-learn transformers but fitted definitions: they are kept as JSON (nothing in them can run), read Arrow
batches without pandas, and know which columns of the matrix came from which feature.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from penstock.core.design import Part
from penstock.core.errors import ColumnMissing
from penstock.core.kind import Definition
from penstock.ml import cells
from penstock.ml.cells import CellType

Batch: TypeAlias = "pa.RecordBatch | pa.Table"
CYCLES: dict[str, float] = {
    "quarter": 4,
    "month": 12,
    "day": 31,
    "weekday": 7,
    "day_of_year": 366,
    "hour": 24,
    "minute": 60,
}


class FittedNumber(Definition):
    """A number: filled, perhaps cut, rescaled."""

    type: Literal["number"]
    name: str
    trained: CellType
    fill: float | None
    """None: rows with an empty cell get no prediction."""
    form: Literal["keep", "quantise", "binarise", "flag"] = "keep"
    cuts: tuple[float, ...] = ()
    centre: float = 0.0
    scale: float = 1.0
    missing_flag: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        flag = (f"{self.name} is empty",) if self.missing_flag else ()
        if self.form == "quantise":
            return (*(f"{self.name} in bin {i + 1}" for i in range(len(self.cuts) + 1)), *flag)
        return (self.name, *flag)

    def write(self, column: pa.Array, out: np.ndarray, ok: np.ndarray) -> None:
        self.write_numbers(cells.numbers(column, name=self.name), out, ok)

    def write_numbers(self, values: np.ndarray, out: np.ndarray, ok: np.ndarray) -> None:
        """Write (n,) numbers, NaN where a cell is empty, into (n, columns)."""
        empty = np.isnan(values)
        if self.form == "flag":
            out[:, 0] = ~empty
        else:
            self._write_values(np.where(empty, self.fill or 0.0, values), out)
            if self.fill is None:
                ok &= ~empty
        if self.missing_flag:
            out[:, -1] = empty

    def _write_values(self, values: np.ndarray, out: np.ndarray) -> None:
        if self.form == "quantise":
            width = len(self.cuts) + 1
            out[:, :width] = 0.0
            out[np.arange(len(values)), np.searchsorted(self.cuts, values, side="right")] = 1.0
        elif self.form == "binarise":
            out[:, 0] = values > self.cuts[0]
        else:
            np.subtract(values, self.centre, out=out[:, 0])
            out[:, 0] /= self.scale


class FittedCategory(Definition):
    """A category: its place in the vocabulary, then a row of a table of numbers."""

    type: Literal["category"]
    name: str
    trained: CellType
    encode: Literal["one_hot", "ordinal", "target", "frequency", "hashing", "flag"]
    vocabulary: tuple[str, ...]
    fill: str | None = None
    drop: bool = False
    """Rows with an empty cell get no prediction."""
    missing_is_value: bool = True
    table: tuple[tuple[float, ...], ...] = ()
    """One row per word of the vocabulary, then rare, then empty; unused by one_hot and hashing."""
    buckets: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        if self.encode == "one_hot":
            last = ("is empty",) if self.missing_is_value else ()
            return (
                *(f"{self.name} = {w}" for w in self.vocabulary),
                *(f"{self.name} {w}" for w in ("is rare", *last)),
            )
        if self.encode == "hashing":
            return tuple(f"{self.name} in bucket {i}" for i in range(self.buckets))
        width = len(self.table[0])
        return (self.name,) if width == 1 else tuple(f"{self.name} for class {i}" for i in range(width))

    def codes(self, column: pa.Array, ok: np.ndarray) -> np.ndarray:
        """(n,) places: a word's own, len for rare, len + 1 for empty."""
        words = cells.texts(column, name=self.name, trained=self.trained)
        if self.fill is not None:
            words = words.fill_null(self.fill)
        size = len(self.vocabulary)
        places = pc.fill_null(pc.index_in(words, value_set=self._words), size).to_numpy(zero_copy_only=False)
        if words.null_count:
            empty = words.is_null().to_numpy(zero_copy_only=False)
            places = np.where(empty, size + 1, places)
            if self.drop:
                ok &= ~empty
        return places

    def write(self, column: pa.Array, out: np.ndarray, ok: np.ndarray) -> None:
        if self.encode == "hashing":
            self._write_hashes(column, out, ok)
            return
        places = self.codes(column, ok)
        if self.encode != "one_hot":
            out[:] = self._table[places]
            return
        out[:] = 0.0
        inside = places < out.shape[1]
        out[np.flatnonzero(inside), places[inside]] = 1.0

    def _write_hashes(self, column: pa.Array, out: np.ndarray, ok: np.ndarray) -> None:
        words = cells.texts(column, name=self.name, trained=self.trained)
        words = words if self.fill is None else words.fill_null(self.fill)
        coded = words.dictionary_encode()
        empty = words.is_null().to_numpy(zero_copy_only=False)
        if self.drop:
            ok &= ~empty
        bucket = [zlib.crc32(w.encode()) % self.buckets for w in coded.dictionary.to_pylist()]
        bucket.append(zlib.crc32(b"\0empty") % self.buckets)
        places = pc.fill_null(coded.indices, len(bucket) - 1).to_numpy(zero_copy_only=False)
        out[:] = 0.0
        out[np.arange(len(places)), np.asarray(bucket)[places]] = 1.0

    @cached_property
    def _words(self) -> pa.Array:
        return pa.array(self.vocabulary, pa.string())

    @cached_property
    def _table(self) -> np.ndarray:
        return np.asarray(self.table, dtype=np.float64)


class FittedPart(Definition):
    """One part of an instant, as a number or as a point on its circle."""

    part: Part
    circle: Literal["", "sine", "cosine"] = ""
    fill: float = 0.0
    centre: float = 0.0
    scale: float = 1.0


class FittedInstant(Definition):
    """A date or time: some of its parts."""

    type: Literal["instant"]
    name: str
    trained: CellType
    parts: tuple[FittedPart, ...]
    drop: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(f"{self.name} {p.part}{' ' + p.circle if p.circle else ''}" for p in self.parts)

    def write(self, column: pa.Array, out: np.ndarray, ok: np.ndarray) -> None:
        instants = cells.instants(column, name=self.name)
        for place, fitted in enumerate(self.parts):
            values = part_values(instants, fitted.part, fitted.circle)
            out[:, place] = (np.where(np.isnan(values), fitted.fill, values) - fitted.centre) / fitted.scale
        if self.drop and instants.null_count:
            ok &= instants.is_valid().to_numpy(zero_copy_only=False)


class FittedAsIs(Definition):
    """A column handed over unchanged, for an imported model that prepares its own rows."""

    type: Literal["as_is"]
    name: str
    trained: CellType

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.name,)

    def write(self, column: pa.Array, out: np.ndarray, ok: np.ndarray) -> None:
        out[:, 0] = self.values(column)

    def values(self, column: pa.Array) -> np.ndarray:
        if self.trained in ("integer", "number"):
            return cells.numbers(column, name=self.name)
        if self.trained == "boolean":
            return cells.booleans(column, name=self.name).to_numpy(zero_copy_only=False)
        if self.trained == "instant":
            return cells.instants(column, name=self.name).to_numpy(zero_copy_only=False)
        return cells.texts(column, name=self.name, trained="text").to_numpy(zero_copy_only=False)


FittedFeature = Annotated[
    FittedNumber | FittedCategory | FittedInstant | FittedAsIs, Field(discriminator="type")
]


class Preparation(Definition):
    """All used features, fitted, in the order of the matrix."""

    features: tuple[FittedFeature, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The used columns of the data."""
        return tuple(f.name for f in self.features)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """What each column of the matrix holds, in words."""
        return tuple(c for f in self.features for c in f.columns)

    @cached_property
    def groups(self) -> dict[str, slice]:
        """Feature → its columns of the matrix."""
        ends = np.cumsum([len(f.columns) for f in self.features])
        starts = [0, *ends[:-1].tolist()]
        return {f.name: slice(s, int(e)) for f, s, e in zip(self.features, starts, ends, strict=True)}

    @cached_property
    def as_is(self) -> bool:
        """True when the matrix holds objects for a model that prepares its own rows."""
        return any(isinstance(f, FittedAsIs) for f in self.features)

    def matrix(self, batch: Batch, *, dataset: str = "the input") -> tuple[np.ndarray, np.ndarray]:
        """(n, width) float64, and (n,) booleans: False where a drop rule says that the row has no prediction.

        Raises ColumnMissing for a used column that is not there, Invalid for cells of the wrong kind.
        """
        self.require(batch.schema.names, dataset=dataset)
        out = np.empty((batch.num_rows, len(self.columns)), dtype=np.dtype(object if self.as_is else float))
        ok = np.ones(batch.num_rows, dtype=np.bool_)
        for feature in self.features:
            feature.write(batch.column(feature.name), out[:, self.groups[feature.name]], ok)
        return out, ok

    def require(self, present: Sequence[str], *, dataset: str) -> None:
        """Raise ColumnMissing for the first used column that is not among these."""
        for name in self.names:
            if name not in present:
                raise ColumnMissing(name, dataset=dataset, near=present, needed_by="The model")


def part_values(instants: pa.Array, part: Part, circle: str = "") -> np.ndarray:
    """(n,) floats, NaN where empty: a part of each instant, or its sine or cosine around the cycle."""
    if part == "epoch":
        values = instants.cast(pa.int64()).cast(pa.float64(), safe=False)
        return values.to_numpy(zero_copy_only=False) / 1e6
    name = "day_of_week" if part == "weekday" else part
    values = getattr(pc, name)(instants).cast(pa.float64()).to_numpy(zero_copy_only=False)
    if not circle:
        return values
    angle = 2 * np.pi * values / CYCLES[part]
    return np.sin(angle) if circle == "sine" else np.cos(angle)
