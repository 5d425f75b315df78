"""The rows of one evaluation, on disk: read a column at a time, and cut to the sample that is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from penstock.core.errors import Invalid

COMPRESSION = "zstd"
CELLS, LEAST_ROWS, MOST_ROWS = 4_000_000, 10_240, 122_880
"""Of one row group."""
SMALLEST_STEP = 0.9
"""A sample that is too many bytes is cut at least to this share before the next try."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How much of the rows is kept, at most."""

    rows: int = 50_000
    megabytes: float = 8.0


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows in a Parquet file, in order."""

    file: Path
    count: int
    schema: pa.Schema

    @property
    def names(self) -> list[str]:
        return list(self.schema.names)

    def column(self, name: str) -> pa.ChunkedArray:
        """One column, whole."""
        return self.table([name])[name]

    def table(self, names: list[str]) -> pa.Table:
        """Some columns, whole."""
        return pq.read_table(self.file, columns=names)

    def reader(self, names: list[str] | None = None) -> pa.RecordBatchReader:
        """All rows as a stream."""
        wanted = self.names if names is None else names
        batches = pq.ParquetFile(self.file).iter_batches(columns=wanted)
        schema = pa.schema([self.schema.field(name) for name in wanted])
        return pa.RecordBatchReader.from_batches(schema, (b.select(wanted) for b in batches))


def written(reader: pa.RecordBatchReader, file: Path) -> Rows:
    """Write a stream to a file; memory for one row group."""
    count = 0
    with pq.ParquetWriter(file, reader.schema, compression=COMPRESSION) as writer:
        for group in _groups(reader, reader.schema):
            writer.write_table(group)
            count += group.num_rows
    return Rows(file, count, reader.schema)


def _groups(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """Batches put together to row groups of a size that reads well: few columns, many rows."""
    size = max(LEAST_ROWS, min(MOST_ROWS, CELLS // max(1, len(schema))))
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(b.num_rows for b in waiting) >= size:
            yield pa.Table.from_batches(waiting, schema)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting, schema)


def opened(file: Path) -> Rows:
    """Rows that were written before."""
    parquet = pq.ParquetFile(file)
    return Rows(file, parquet.metadata.num_rows, parquet.schema_arrow)


def required(rows: Rows, dataset: str) -> Rows:
    """The rows themselves. Raises Invalid when there is none."""
    if rows.count == 0:
        raise Invalid(
            f"There is no row to evaluate in {dataset}.",
            hint="Check its files, and the sampling of the recipe.",
        )
    return rows


def sample(rows: Rows, limit: Limit | None, file: Path, *, seed: int) -> Rows:
    """A random draw within the limit, in the order of the rows; all of them when they fit."""
    if limit is None:
        return _copied(rows, None, file)
    kept = min(rows.count, limit.rows)
    most = limit.megabytes * 1024 * 1024
    while True:
        drawn = _copied(rows, None if kept == rows.count else _draw(rows.count, kept, seed), file)
        size = file.stat().st_size
        if size <= most or kept <= 1:
            return drawn
        kept = max(1, int(kept * min(SMALLEST_STEP, most / size)))


def _draw(total: int, kept: int, seed: int) -> np.ndarray:
    chosen = np.zeros(total, dtype=np.bool_)
    chosen[np.random.default_rng(seed).permutation(total)[:kept]] = True
    return chosen


def _copied(rows: Rows, chosen: np.ndarray | None, file: Path) -> Rows:
    reader = rows.reader()
    if chosen is None:
        return written(reader, file)
    return written(pa.RecordBatchReader.from_batches(rows.schema, _chosen(reader, chosen)), file)


def _chosen(reader: pa.RecordBatchReader, chosen: np.ndarray) -> Iterator[pa.RecordBatch]:
    at = 0
    for batch in reader:
        yield batch.filter(pa.array(chosen[at : at + batch.num_rows]))
        at += batch.num_rows
