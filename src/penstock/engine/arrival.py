"""Rows on their way into a database: any data as Arrow batches, in the types that a table keeps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core.errors import ActivityFailed
from penstock.engine import parquet

if TYPE_CHECKING:
    import pyarrow as pa

    from penstock.core.ports import Session
    from penstock.core.schema import ColumnType, Schema

ROWS = 65_536


def is_arrow(data: Any) -> bool:
    """Whether it is a `pa.Table` or a `pa.RecordBatchReader`."""
    return hasattr(data, "to_reader") or hasattr(data, "read_next_batch")


def reader(session: Session, data: Any) -> pa.RecordBatchReader:
    """Any data that a recipe writes as Arrow batches: an `ibis.Table` of a session is streamed from its engine."""
    if isinstance(data, Path):
        return _of_folder(data)
    if hasattr(data, "to_reader"):
        found: pa.RecordBatchReader = data.to_reader(max_chunksize=ROWS)
        return found
    return data if hasattr(data, "read_next_batch") else session.stream(data)


def settled(rows: pa.RecordBatchReader, columns: Schema = ()) -> pa.RecordBatchReader:
    """The same batches in the types a table keeps: decimals as doubles, nested ones but lists as JSON text; in those
    that its `columns` have, where there are some already."""
    import pyarrow as pa

    plain, there = kept(parquet.settled(rows.schema)), {c.name: c.type for c in columns}
    schema = pa.schema([pa.field(f.name, _like(there.get(f.name), f.type)) for f in plain])
    if not schema.names:
        raise ActivityFailed("The result has no columns.")
    return pa.RecordBatchReader.from_batches(schema, _cast(rows, schema))


def kept(schema: pa.Schema) -> pa.Schema:
    """The types in which a table keeps columns of these types."""
    import pyarrow as pa

    return pa.schema([pa.field(f.name, _kept(f.type)) for f in schema])


def _of_folder(folder: Path) -> pa.RecordBatchReader:
    import pyarrow.dataset as ds

    files = sorted(folder.glob("*.parquet"))
    if not files:
        raise ActivityFailed(f"Nothing was written into {folder.name}.")
    found: pa.RecordBatchReader = ds.dataset([str(f) for f in files]).scanner(batch_size=ROWS).to_reader()
    return found


def _cast(rows: pa.RecordBatchReader, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    for batch in rows:
        columns = [_column(c, f.type) for c, f in zip(batch.columns, schema, strict=True)]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _column(cells: pa.Array, kind: pa.DataType) -> pa.Array:
    import pyarrow as pa
    import pyarrow.types as are

    if cells.type == kind:
        return cells
    if are.is_string(kind) and (are.is_nested(cells.type) or are.is_time(cells.type)):
        return pa.array([None if v is None else _text(v) for v in cells.to_pylist()], pa.string())
    if are.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    return cells.cast(kind, safe=False)


def _like(column: ColumnType | None, kind: pa.DataType) -> pa.DataType:
    """The Arrow type of a column that is there already."""
    import ibis

    from penstock.core.native import IBIS

    if column is None or column not in IBIS:
        return kind
    return _kept(ibis.dtype(IBIS[column]).to_pyarrow())


def _text(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _kept(kind: pa.DataType) -> pa.DataType:
    import pyarrow as pa
    import pyarrow.types as are

    if are.is_decimal(kind):
        return pa.float64()
    if are.is_unsigned_integer(kind):
        return {8: pa.int16(), 16: pa.int32()}.get(kind.bit_width, pa.int64())
    if are.is_int8(kind):
        return pa.int16()
    if are.is_float16(kind):
        return pa.float32()
    if are.is_list(kind):
        inner = _kept(kind.value_type)
        return pa.string() if are.is_nested(kind.value_type) else pa.list_(inner)
    if are.is_large_binary(kind) or are.is_fixed_size_binary(kind):
        return pa.binary()
    known = (
        are.is_integer(kind) or are.is_floating(kind) or are.is_boolean(kind) or are.is_date32(kind)
        or are.is_timestamp(kind) or are.is_binary(kind)
    )  # fmt: skip
    return kind if known else pa.string()
