"""Column profiles in a file: what a model version keeps of its test set as the reference for drift."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from penstock.core.drift import Handling
from penstock.ml.columns import converted
from penstock.ml.extract import Counts
from penstock.ml.profile import CategoricalProfile, ColumnProfile, NumericalProfile

_SCHEMA = pa.schema(
    [
        ("name", pa.string()), ("handling", pa.string()), ("type", pa.string()), ("missing", pa.int64()),
        ("values", pa.large_list(pa.float64())), ("counts", pa.large_list(pa.int64())),
        ("labels", pa.large_list(pa.large_string())),
    ]
)  # fmt: skip


def write_profiles(path: str | Path, profiles: Iterable[ColumnProfile]) -> None:
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

    def __post_init__(self) -> None:
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
        with pq.ParquetFile(self.path) as file:
            table = file.read_row_group(self._index[name][0], use_threads=False)
        row = {column: table.column(column)[0] for column in table.column_names}
        missing, kind = row["missing"].as_py(), row["type"].as_py()
        counts = row["counts"].values
        if row["handling"].as_py() == "numerical":
            values = np.array(row["values"].values, dtype=np.float64)
            return NumericalProfile(name, kind, missing, values, None if counts is None else _ints(counts))
        return CategoricalProfile(name, kind, missing, row["labels"].values, _ints(counts))


def _ints(counts: pa.Array) -> Counts:
    return np.array(counts, dtype=np.int64)
