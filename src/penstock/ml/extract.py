"""Arrow columns of any type as plain arrays: numbers, or texts with their counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from penstock.core.errors import Invalid
from penstock.ml import cells

Floats: TypeAlias = npt.NDArray[np.float64]
Counts: TypeAlias = npt.NDArray[np.int64]


class NotComparable(ValueError):
    """A column that cannot be treated as asked; the text is the reason shown in its row."""


def numbers(column: pa.ChunkedArray, name: str) -> Floats:
    """Every row as a number, NaN where it is missing: (n,). Raises NotComparable."""
    unit = _seconds_per_unit(column.type)
    parts = [_plain_numbers(c, name).cast(pa.float64(), safe=False) for c in column.chunks]
    values = [part.fill_null(np.nan).to_numpy(zero_copy_only=False) for part in parts]
    return (np.concatenate(values) if values else np.zeros(0)) * unit


def category_codes(columns: Sequence[pa.ChunkedArray], name: str) -> list[Counts]:
    """Every row of each column as the code of its text, one coding for all; -1 = missing. Raises NotComparable."""
    found = [_encoded(column, name) for column in columns]
    known = pc.unique(pa.concat_arrays([each for _, each in found]).drop_null())
    return [_recoded(codes, pc.index_in(each, value_set=known)) for codes, each in found]


def _encoded(column: pa.ChunkedArray, name: str) -> tuple[Counts, pa.Array]:
    """Codes into distinct texts, one of which may be null."""
    try:
        whole = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
        if not pa.types.is_dictionary(whole.type):
            whole = whole.dictionary_encode()
        codes = whole.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
        return codes, texts(whole.dictionary)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise NotComparable(
            f"Could not treat column '{name}' as categorical: {_first_line(error)}"
        ) from error


def _recoded(codes: Counts, new: pa.Array) -> Counts:
    table = np.append(new.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False), -1)
    return np.asarray(table[codes], np.int64)


def known_numbers(column: pa.ChunkedArray, name: str) -> tuple[Floats, int]:
    """The values that are there, a fresh unsorted array (NaN may be among them), and how many are missing."""
    rows = len(column)
    values = np.empty(rows - column.null_count, np.float64)
    at = 0
    for chunk in column.chunks:
        plain = _plain_numbers(chunk, name)
        plain = plain.drop_null() if plain.null_count else plain
        values[at : at + len(plain)] = plain.to_numpy(zero_copy_only=False)
        at += len(plain)
    unit = _seconds_per_unit(column.type)
    if unit != 1.0:
        values *= unit
    return values[:at], rows - at


def _plain_numbers(chunk: pa.Array, name: str) -> pa.Array:
    t = chunk.type
    if pa.types.is_integer(t) or pa.types.is_float32(t) or pa.types.is_float64(t):
        return chunk
    if pa.types.is_dictionary(t):
        return _plain_numbers(chunk.cast(t.value_type), name)
    if pa.types.is_boolean(t):
        return chunk.cast(pa.int8())
    if pa.types.is_date32(t) or pa.types.is_time32(t):
        return chunk.cast(pa.int32())
    if pa.types.is_temporal(t):
        return chunk.cast(pa.int64())
    return cast_numbers(chunk, name)


def cast_numbers(chunk: pa.Array, name: str) -> pa.Array:
    """Texts of numbers as numbers, and texts of ISO dates as seconds since 1970, as a model reads both."""
    try:
        return chunk.cast(pa.float64())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        seconds = _seconds(chunk, name)
        if seconds is not None:
            return seconds
        raise NotComparable(f"Could not treat column '{name}' as numerical: {_first_line(error)}") from error


def _seconds(chunk: pa.Array, name: str) -> pa.Array | None:
    """None of what is no text of ISO dates."""
    if not cells.is_text(chunk.type):
        return None
    try:
        instants = cells.instants(chunk, name=name)
    except Invalid:
        return None
    return pc.divide(instants.cast(pa.int64()).cast(pa.float64(), safe=False), 1e6)


_UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}


def _seconds_per_unit(t: pa.DataType) -> float:
    if pa.types.is_dictionary(t):
        return _seconds_per_unit(t.value_type)
    if pa.types.is_date32(t):
        return 86_400.0
    if pa.types.is_date64(t):
        return 1e-3
    return _UNITS[t.unit] if pa.types.is_temporal(t) and hasattr(t, "unit") else 1.0


def counted_texts(column: pa.ChunkedArray, name: str) -> tuple[pa.Array, Counts, int]:
    """Distinct texts in no order, how often each occurs, and how many rows are missing. Raises NotComparable."""
    try:
        found = pc.value_counts(column)
        values = found.field("values")
        if pa.types.is_dictionary(values.type):
            values = values.cast(values.type.value_type)
        labels = texts(values)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise NotComparable(
            f"Could not treat column '{name}' as categorical: {_first_line(error)}"
        ) from error
    counts = found.field("counts").to_numpy(zero_copy_only=False).astype(np.int64)
    gone = pc.is_null(labels).to_numpy(zero_copy_only=False)
    return (*summed(labels.filter(pa.array(~gone)), counts[~gone]), int(counts[gone].sum()))


def summed(labels: pa.Array, counts: Counts) -> tuple[pa.Array, Counts]:
    """Each label once, in sorted order, with the sum of its counts."""
    if len(pc.unique(labels)) < len(labels):
        groups = pa.table({"l": labels, "c": counts}).group_by("l").aggregate([("c", "sum")])
        labels = groups.column("l").combine_chunks()
        counts = groups.column("c_sum").combine_chunks().to_numpy()
    order = pc.sort_indices(labels)
    return labels.take(order), np.asarray(counts, np.int64)[order.to_numpy()]


def texts(values: pa.Array) -> pa.Array:
    """Values as texts of large_string; NaN becomes null, 3.0 reads `3`, so that 3 and 3.0 are one category."""
    t = values.type
    if pa.types.is_floating(t):
        plain = [None if v is None or v != v else _number_text(v) for v in values.to_pylist()]
        return pa.array(plain, pa.large_string())
    return values.cast(pa.large_string())


def _number_text(value: float) -> str:
    if abs(value) == np.inf:
        return str(value)
    return str(int(value)) if value == int(value) else repr(value)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]
