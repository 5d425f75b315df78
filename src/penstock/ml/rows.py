"""The rows of one evaluation, on disk: read a column at a time, and cut to the sample that is kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from penstock.core.errors import Invalid

COMPRESSION = "zstd"
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
    """Write a stream to a file; memory for one batch."""
    count = 0
    with pq.ParquetWriter(file, reader.schema, compression=COMPRESSION) as writer:
        for batch in reader:
            writer.write_batch(batch)
            count += batch.num_rows
    return Rows(file, count, reader.schema)


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
    at = 0
    with pq.ParquetWriter(file, rows.schema, compression=COMPRESSION) as writer:
        for batch in rows.reader():
            part = batch if chosen is None else batch.filter(pa.array(chosen[at : at + batch.num_rows]))
            writer.write_batch(part)
            at += batch.num_rows
    return Rows(file, at if chosen is None else int(chosen.sum()), rows.schema)
