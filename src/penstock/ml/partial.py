"""Profiles of parts that were made apart, one under the other: as exact as one profile of the whole."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Literal, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from penstock.core.drift import Handling
from penstock.ml.columns import converted, natural_handling, read_profile, write_profiles
from penstock.ml.extract import NotComparable
from penstock.ml.profile import ColumnProfile, merged, pile, profile

Treated = Literal["numerical", "categorical"]

SCHEMA = pa.schema(
    [("column", pa.string()), ("rows", pa.int64()), ("profile", pa.binary()), ("reason", pa.string())]
)
"""One row a column and part: its profile as a Parquet file of `write_profiles`, or why there is none."""


@dataclass(frozen=True, slots=True)
class Profiling:
    """Record batches of one part in, the profiles of its columns out; sent to where the rows are."""

    handling: Mapping[str, Treated]

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """One batch of `SCHEMA`; none for a part without rows. Memory for the numbers of the part."""
        rows = 0
        piles: dict[str, list[ColumnProfile]] = {name: [] for name in self.handling}
        reasons: dict[str, str] = {}
        for batch in batches:
            rows += batch.num_rows
            for name, how in self.handling.items():
                if name not in reasons:
                    _add(batch.column(name), name, how, (piles[name], reasons))
        if rows:
            yield pa.RecordBatch.from_pylist(
                [_row(name, rows, piles[name], reasons.get(name)) for name in self.handling], SCHEMA
            )


def handling_of(schema: pa.Schema, roles: Mapping[str, str] | None = None) -> dict[str, Treated]:
    """How each column is profiled: as its role says, else by its type; what can only be ignored is left out."""
    found: dict[str, Treated] = {}
    for field in schema:
        role = (roles or {}).get(field.name, "")
        how = role if role in ("numerical", "categorical") else natural_handling(field.type)
        if how in ("numerical", "categorical"):
            found[field.name] = cast(Treated, how)
    return found


@dataclass(frozen=True, slots=True)
class PartialColumns:
    """One side of a comparison (`columns.Columns`) from the answers of `Profiling` in Parquet files: merged when a
    column is asked for, in memory for that column."""

    files: Sequence[Path]
    schema: pa.Schema
    """Of the rows that were profiled."""

    @property
    def names(self) -> Sequence[str]:
        return list(self.schema.names)

    @property
    def rows(self) -> int:
        counts = pq.read_table(self.files, columns=["column", "rows"])
        first = counts.column("column")[0] if counts.num_rows else pa.scalar("")
        return pc.sum(counts.filter(pc.equal(counts.column("column"), first)).column("rows")).as_py() or 0

    def natural(self, name: str) -> Handling:
        return natural_handling(self.schema.field(name).type)

    def profile(self, name: str, handling: Handling) -> ColumnProfile:
        """Raises NotComparable, with the reason, when some part could not be profiled so."""
        parts = pq.read_table(self.files, filters=[("column", "=", name)])
        for reason in parts.column("reason").drop_null().to_pylist():
            raise NotComparable(reason)
        found = [read_profile(pa.BufferReader(part.as_buffer())) for part in parts.column("profile")]
        whole = reduce(merged, sorted(found, key=lambda p: p.rows)) if found else self._none(name, handling)
        return converted(whole, handling)

    def _none(self, name: str, handling: Handling) -> ColumnProfile:
        if handling not in ("numerical", "categorical"):
            raise NotComparable(f"Column '{name}' is {handling}: it has no profile.")
        return profile(pa.array([], self.schema.field(name).type), name=name, handling=handling)


def _add(column: pa.Array, name: str, how: Treated, into: tuple[list[ColumnProfile], dict[str, str]]) -> None:
    found, reasons = into
    try:
        pile(found, profile(column, name=name, handling=how))
    except NotComparable as error:
        reasons[name] = str(error)
        found.clear()


def _row(name: str, rows: int, found: list[ColumnProfile], reason: str | None) -> dict[str, object]:
    return {
        "column": name,
        "rows": rows,
        "profile": _bytes(reduce(merged, found)) if found else None,
        "reason": reason,
    }


def _bytes(of: ColumnProfile) -> bytes:
    out = io.BytesIO()
    write_profiles(out, [of])
    return out.getvalue()
