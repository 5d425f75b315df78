"""Writing Parquet: streamed, zstd, row groups sized to the width of the table."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core.errors import ActivityFailed
from penstock.engine.complaints import NO_ROOM

if TYPE_CHECKING:
    import pyarrow as pa

FILE = "part-00000.parquet"
CELLS = 4_000_000
"""Cells of one row group, about: a wide table gets fewer rows, so that writing it needs little memory."""


def group_rows(columns: int) -> int:
    """Rows of one row group: 122,880 up to 32 columns, fewer for wider tables, at least 10,240."""
    return max(10_240, min(122_880, CELLS // max(columns, 1) // 2048 * 2048))


def typed_sql(backend: Any, table: Any) -> str:
    """The SELECT of an `ibis.Table`, whose columns have exactly the types Ibis says they have.

    DuckDB's own results differ now and then: a sum of integers is a HUGEINT, which Parquet would keep as a double.
    """
    backend._run_pre_execute_hooks(table)
    mapper = backend.compiler.type_mapper
    kept = [
        f"CAST({name(column)} AS {mapper.to_string(kept_type(dtype))}) AS {name(column)}"
        for column, dtype in table.schema().items()
    ]
    if not kept:
        raise ActivityFailed("The result has no columns.")
    check_names(table.columns)
    return f"SELECT {', '.join(kept)} FROM ({backend.compile(table)})"


def text_sql(backend: Any, table: Any) -> str:
    """The same for text files: instants are written as ISO 8601 with a T and, in UTC, a Z."""
    cells = [_text_cell(column, dtype) for column, dtype in table.schema().items()]
    return f"SELECT {', '.join(cells)} FROM ({typed_sql(backend, table)})"


def copy(backend: Any, table: Any, folder: Path) -> None:
    """Let DuckDB write an `ibis.Table` into a folder; rows keep their order and never pass through Python."""
    copy_to(backend, table, folder / FILE)


def copy_to(backend: Any, table: Any, file: Path) -> None:
    """The same as one Parquet file."""
    rows = group_rows(len(table.columns))
    backend.con.execute(
        f"COPY ({typed_sql(backend, table)}) TO {literal(file)} "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {rows})"
    )


def write_arrow(data: pa.Table | pa.RecordBatchReader, folder: Path) -> None:
    """Write Arrow batches as they come; memory for one row group. Raises ActivityFailed when the disk is full."""
    import pyarrow.parquet as pq

    schema = settled(data.schema)
    rows = group_rows(len(schema.names))
    try:
        with pq.ParquetWriter(folder / FILE, schema, compression="zstd", store_schema=False) as writer:
            for table in _groups(data, schema, rows):
                writer.write_table(table, row_group_size=rows)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise ActivityFailed(NO_ROOM.message, hint=NO_ROOM.hint) from error
        raise


def take(source: Path, folder: Path) -> None:
    """Move the Parquet files of a folder, in the order of their names; files with other types are written anew."""
    import pyarrow.dataset as ds
    import pyarrow.parquet as pq

    files = sorted(source.glob("*.parquet"))
    if not files:
        raise ActivityFailed(f"Nothing was written into {source.name}.")
    schemas = [pq.read_schema(file) for file in files]
    if all(schema.equals(settled(schemas[0])) for schema in schemas):
        for number, file in enumerate(files):
            shutil.move(file, folder / f"part-{number:05}.parquet")
    else:
        write_arrow(ds.dataset([str(f) for f in files]).scanner().to_reader(), folder)


def settled(schema: pa.Schema) -> pa.Schema:
    """The types in which a dataset keeps Arrow data: microseconds, UTC, plain texts, no dictionaries, no nulls."""
    import pyarrow as pa

    return pa.schema([pa.field(f.name, _settled(f.type)) for f in schema])


def name(column: str) -> str:
    """A column's name in SQL."""
    return '"' + column.replace('"', '""') + '"'


def literal(text: object) -> str:
    """A text in SQL."""
    return "'" + str(text).replace("'", "''") + "'"


def _groups(data: Any, schema: pa.Schema, rows: int) -> Iterator[pa.Table]:
    import pyarrow as pa

    waiting: list[pa.RecordBatch] = []
    batches = data.to_batches() if isinstance(data, pa.Table) else data
    for batch in batches:
        waiting.append(batch)
        if sum(b.num_rows for b in waiting) >= rows:
            yield pa.Table.from_batches(waiting).cast(schema, safe=False)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting).cast(schema, safe=False)


def _settled(kind: pa.DataType) -> pa.DataType:
    import pyarrow as pa
    import pyarrow.types as are

    if are.is_dictionary(kind):
        return _settled(kind.value_type)
    if are.is_timestamp(kind):
        return pa.timestamp("us", tz="UTC" if kind.tz else None)
    if are.is_null(kind) or are.is_large_string(kind) or are.is_string_view(kind):
        return pa.string()
    if are.is_decimal(kind) and kind.scale == 0 and kind.precision > 18:
        return pa.int64()
    if are.is_list(kind) or are.is_large_list(kind):
        return pa.list_(_settled(kind.value_type))
    return pa.date32() if are.is_date(kind) else kind


def _text_cell(column: str, dtype: Any) -> str:
    if not dtype.is_timestamp():
        return name(column)
    text = f"strftime({name(column)}, '%Y-%m-%dT%H:%M:%S.%f')"
    zone = " || 'Z'" if dtype.timezone else ""
    return f"rtrim(rtrim({text}, '0'), '.'){zone} AS {name(column)}"


def check_names(columns: Sequence[str]) -> None:
    """DuckDB takes names that differ in capitals only for one name."""
    seen: dict[str, str] = {}
    for column in columns:
        other = seen.setdefault(column.lower(), column)
        if other != column:
            raise ActivityFailed(
                f"The columns '{other}' and '{column}' differ in capital letters only.",
                hint="Rename one of them.",
            )


def kept_type(dtype: Any) -> Any:
    """The Ibis type in which a dataset keeps a column: instants to the microsecond."""
    import ibis.expr.datatypes as dt

    if dtype.is_null():
        return dt.string
    return dt.Timestamp(timezone=dtype.timezone, scale=6) if dtype.is_timestamp() else dtype
