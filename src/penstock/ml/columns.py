"""Where columns come from: a table in memory, Parquet files read a column at a time, or stored profiles."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from penstock.core.drift import Handling
from penstock.core.errors import Invalid
from penstock.ml.extract import Counts, NotComparable
from penstock.ml.profile import (
    CategoricalProfile,
    ColumnProfile,
    NumericalProfile,
    as_categorical,
    as_numerical,
    merged,
    pile,
    profile,
)

PIECE = 2_000_000
"""Rows of a long column that are profiled at once."""


class Columns(Protocol):
    """One side of a comparison: its columns by name, profiled one at a time, from any thread."""

    @property
    def names(self) -> Sequence[str]: ...

    @property
    def rows(self) -> int: ...

    def natural(self, name: str) -> Handling:
        """How the column would be treated by its storage type alone."""

    def profile(self, name: str, handling: Handling) -> ColumnProfile:
        """Raises NotComparable with the reason when the column cannot be treated so."""


ColumnSource: TypeAlias = (
    "pa.Table | str | Path | Sequence[str | Path] | Mapping[str, ColumnProfile] | Columns"
)


def columns_of(source: ColumnSource) -> Columns:
    """A side of a comparison from a table, Parquet paths (one or many of one schema), or profiles."""
    if isinstance(source, pa.Table):
        return TableColumns(source)
    if isinstance(source, (str, Path)):
        return ParquetColumns([source])
    if isinstance(source, Mapping):
        return ProfileColumns(source)
    if isinstance(source, Sequence):
        return ParquetColumns(source)
    return source


@dataclass(frozen=True, slots=True)
class TableColumns:
    """The columns of a table in memory."""

    table: pa.Table

    @property
    def names(self) -> Sequence[str]:
        return self.table.column_names

    @property
    def rows(self) -> int:
        return self.table.num_rows

    def natural(self, name: str) -> Handling:
        return natural_handling(self.table.schema.field(name).type)

    def profile(self, name: str, handling: Handling) -> ColumnProfile:
        return _profiled(self.table.column(name), name, handling)


@dataclass(frozen=True, slots=True)
class ParquetColumns:
    """The columns of Parquet files of one schema, read when asked for: memory for one column. A long one is read in
    pieces, whose profiles are merged: memory for its distinct values where they recur.
    """

    paths: Sequence[str | Path]
    _metadata: list[pq.FileMetaData] = field(default_factory=list)
    _types: dict[str, pa.DataType] = field(default_factory=dict)
    _opened: threading.local = field(default_factory=threading.local)

    def __post_init__(self) -> None:
        if not self.paths:
            raise Invalid("There is no Parquet file to compare.")
        self._metadata.extend(pq.read_metadata(path) for path in self.paths)
        self._types.update({f.name: f.type for f in self._metadata[0].schema.to_arrow_schema()})

    @property
    def names(self) -> Sequence[str]:
        return list(self._types)

    @property
    def rows(self) -> int:
        return sum(m.num_rows for m in self._metadata)

    def natural(self, name: str) -> Handling:
        return natural_handling(self._types[name])

    def profile(self, name: str, handling: Handling) -> ColumnProfile:
        if self.rows > 2 * PIECE:
            return self._by_pieces(name, handling)
        chunks = [_read(file, name) for file in self._files()]
        if len({chunk.type for chunk in chunks}) > 1:
            raise NotComparable(f"Column '{name}' has another type from file to file.")
        whole = pa.chunked_array([c for chunk in chunks for c in chunk.chunks], type=chunks[0].type)
        return _profiled(whole, name, handling)

    def _by_pieces(self, name: str, handling: Handling) -> ColumnProfile:
        waiting: list[ColumnProfile] = []
        for column in self._pieces(name):
            if waiting and str(column.type) != waiting[0].type:
                raise NotComparable(f"Column '{name}' has another type from file to file.")
            pile(waiting, _profiled(column, name, handling))
        return reduce(merged, waiting)

    def _pieces(self, name: str) -> Iterator[pa.ChunkedArray]:
        """The column, some row groups at a time; none of them alone is longer than it was written."""
        for file in self._files():
            groups: list[int] = []
            for number in range(file.num_row_groups):
                groups.append(number)
                rows = sum(file.metadata.row_group(g).num_rows for g in groups)
                if rows >= PIECE or number == file.num_row_groups - 1:
                    yield _read(file, name, groups)
                    groups = []

    def _files(self) -> list[pq.ParquetFile]:
        """Opened once a thread: with many columns, opening costs more than reading one."""
        if not hasattr(self._opened, "files"):
            texts = [name for name, t in self._types.items() if _is_text(t)]
            pairs = zip(self.paths, self._metadata, strict=True)
            self._opened.files = [pq.ParquetFile(p, metadata=m, read_dictionary=texts) for p, m in pairs]
        return self._opened.files


def _read(file: pq.ParquetFile, name: str, groups: list[int] | None = None) -> pa.ChunkedArray:
    every = range(file.num_row_groups) if groups is None else groups
    found = file.read_row_groups(list(every), columns=[name], use_threads=False)
    if name not in found.column_names:
        raise NotComparable(f"Column '{name}' is missing from one of the files.")
    return found.column(name)


@dataclass(frozen=True, slots=True)
class ProfileColumns:
    """Profiles in memory, such as those a model version kept of its test set."""

    profiles: Mapping[str, ColumnProfile]

    @property
    def names(self) -> Sequence[str]:
        return list(self.profiles)

    @property
    def rows(self) -> int:
        return max((p.rows for p in self.profiles.values()), default=0)

    def natural(self, name: str) -> Handling:
        return "numerical" if isinstance(self.profiles[name], NumericalProfile) else "categorical"

    def profile(self, name: str, handling: Handling) -> ColumnProfile:
        return converted(self.profiles[name], handling)


def converted(kept: ColumnProfile, handling: Handling) -> ColumnProfile:
    """A profile seen as asked for; exact both ways. Raises NotComparable when categories are no numbers."""
    return as_numerical(kept) if handling == "numerical" else as_categorical(kept)


def natural_handling(t: pa.DataType) -> Handling:
    """Numbers, dates, times and durations are numerical; texts and booleans categorical; the rest is ignored."""
    if pa.types.is_dictionary(t):
        return "categorical"
    if pa.types.is_boolean(t) or _is_text(t):
        return "categorical"
    numeric = pa.types.is_integer(t) or pa.types.is_floating(t) or pa.types.is_decimal(t)
    if numeric or (pa.types.is_temporal(t) and not pa.types.is_interval(t)):
        return "numerical"
    return "categorical" if pa.types.is_null(t) else "ignored"


def _is_text(t: pa.DataType) -> bool:
    return bool(pa.types.is_string(t) or pa.types.is_large_string(t) or pa.types.is_string_view(t))


def _profiled(column: pa.ChunkedArray, name: str, handling: Handling) -> ColumnProfile:
    if handling not in ("numerical", "categorical"):
        raise NotComparable(f"Column '{name}' is {handling}: it has no profile.")
    return profile(column, name=name, handling=handling)


_SCHEMA = pa.schema(
    [
        ("name", pa.string()), ("handling", pa.string()), ("type", pa.string()), ("missing", pa.int64()),
        ("values", pa.large_list(pa.float64())), ("counts", pa.large_list(pa.int64())),
        ("labels", pa.large_list(pa.large_string())),
    ]
)  # fmt: skip


def write_profiles(path: str | Path | BinaryIO, profiles: Iterable[ColumnProfile]) -> None:
    """Keep profiles in one Parquet file, a row group a column, so that they are written and read one by one."""
    with pq.ParquetWriter(path, _SCHEMA, compression="zstd") as writer:
        for each in profiles:
            writer.write_table(_row_of(each))


def _row_of(of: ColumnProfile) -> pa.Table:
    numeric = isinstance(of, NumericalProfile)
    row = {
        "name": [of.name], "handling": ["numerical" if numeric else "categorical"], "type": [of.type],
        "missing": [of.missing],
        "values": _one_list(of.values if isinstance(of, NumericalProfile) else None, pa.float64()),
        "counts": _one_list(of.counts, pa.int64()),
        "labels": _one_list(of.labels if isinstance(of, CategoricalProfile) else None, pa.large_string()),
    }  # fmt: skip
    return pa.table(row, schema=_SCHEMA)


def _one_list(items: object, t: pa.DataType) -> pa.Array:
    if items is None:
        return pa.array([None], pa.large_list(t))
    flat = pa.array(items, t)
    return pa.LargeListArray.from_arrays(pa.array([0, len(flat)], pa.int64()), flat)


@dataclass(frozen=True, slots=True)
class StoredColumns:
    """Profiles in a file of `write_profiles`, read when asked for: memory for one column."""

    path: str | Path
    _index: dict[str, tuple[int, str]] = field(default_factory=dict)
    _metadata: list[pq.FileMetaData] = field(default_factory=list)
    _opened: threading.local = field(default_factory=threading.local)

    def __post_init__(self) -> None:
        self._metadata.append(pq.read_metadata(self.path))
        table = pq.read_table(self.path, columns=["name", "handling"])
        pairs = zip(table.column(0).to_pylist(), table.column(1).to_pylist(), strict=True)
        self._index.update({name: (group, handling) for group, (name, handling) in enumerate(pairs)})

    @property
    def names(self) -> Sequence[str]:
        return list(self._index)

    @property
    def rows(self) -> int:
        return self._kept(next(iter(self._index))).rows if self._index else 0

    def natural(self, name: str) -> Handling:
        return "numerical" if self._index[name][1] == "numerical" else "categorical"

    def profile(self, name: str, handling: Handling) -> ColumnProfile:
        return converted(self._kept(name), handling)

    def _kept(self, name: str) -> ColumnProfile:
        if not hasattr(self._opened, "file"):
            self._opened.file = pq.ParquetFile(self.path, metadata=self._metadata[0])
        return _profile_of(self._opened.file.read_row_group(self._index[name][0], use_threads=False))


def read_profile(source: Any) -> ColumnProfile:
    """The first profile of a file of `write_profiles`."""
    return _profile_of(pq.ParquetFile(source).read_row_group(0, use_threads=False))


def _profile_of(table: pa.Table) -> ColumnProfile:
    row = {column: table.column(column)[0] for column in table.column_names}
    name, missing, kind = row["name"].as_py(), row["missing"].as_py(), row["type"].as_py()
    counts = row["counts"].values
    if row["handling"].as_py() == "numerical":
        values = np.array(row["values"].values, dtype=np.float64)
        return NumericalProfile(name, kind, missing, values, None if counts is None else _ints(counts))
    return CategoricalProfile(name, kind, missing, row["labels"].values, _ints(counts))


def _ints(counts: pa.Array) -> Counts:
    return np.array(counts, dtype=np.int64)
