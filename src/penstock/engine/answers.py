"""What a database answers, in the types every engine agrees on."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from penstock.core.errors import ActivityFailed

if TYPE_CHECKING:
    import pyarrow as pa

EXACT_DIGITS = 18
"""Whole numbers of so many digits fit into a bigint."""
YEARS = "'0001-01-01 00:00:00+00' AND '9999-12-31 23:59:59.999999+00'"
"""Days and instants outside, `infinity` among them, are null: nothing here could hold them."""


def settled(schema: Any) -> Any:
    """The Ibis schema in which an answer is given: decimals as doubles, whole ones as bigint, instants in UTC with
    microseconds; what other engines do not know (json, uuid, times of day, addresses) as text."""
    import ibis.expr.schema as sch

    return sch.Schema({name: _settled(kind) for name, kind in schema.items()})


def _settled(kind: Any) -> Any:
    import ibis.expr.datatypes as dt

    if kind.is_decimal():
        whole = kind.scale == 0 and (kind.precision or EXACT_DIGITS + 1) <= EXACT_DIGITS
        return dt.int64 if whole else dt.float64
    if kind.is_unsigned_integer():
        return {1: dt.int16, 2: dt.int32, 4: dt.int64}.get(kind.nbytes, dt.float64)
    if kind.is_timestamp():
        return dt.Timestamp(timezone="UTC" if kind.timezone else None, scale=6)
    if kind.is_array():
        return dt.Array(_settled(kind.value_type))
    if kind.is_struct():
        return dt.Struct({name: _settled(inner) for name, inner in kind.items()})
    kept = kind.is_numeric() or kind.is_boolean() or kind.is_date() or kind.is_binary()
    return type(kind)() if kept else dt.string


def settled_table(table: Any) -> Any:
    """A table of a database with its columns in the types that every engine knows."""
    wanted = settled(table.schema())
    casts = {n: wanted[n] for n, kind in table.schema().items() if _differs(kind, wanted[n])}
    return table.cast(casts) if casts else table


def _differs(given: Any, wanted: Any) -> bool:
    if given.is_string() and wanted.is_string():
        return False
    if given.is_timestamp() and wanted.is_timestamp():
        return bool(given.timezone != wanted.timezone)
    return bool(given.copy(nullable=True) != wanted.copy(nullable=True))


def typed_sql(backend: Any, table: Any, select: str) -> str:
    """A SELECT around the SELECT of an `ibis.Table`, whose columns have exactly the settled types."""
    import sqlglot as sg

    given, wanted = table.schema(), settled(table.schema())
    if not wanted:
        raise ActivityFailed("The result has no columns.")
    mapper, dialect = backend.compiler.type_mapper, backend.dialect
    cells = []
    for name, kind in wanted.items():
        quoted = sg.to_identifier(name, quoted=True).sql(dialect)
        if kind.is_nested() and _holds_struct(kind):
            cells.append(f"to_json({quoted}) AS {quoted}")
        elif kind.is_array() or kind.is_binary() or (kind.is_string() and given[name].is_string()):
            cells.append(quoted)
        elif kind.is_timestamp() or kind.is_date():
            cells.append(
                f"CASE WHEN {quoted} BETWEEN {YEARS} THEN CAST({quoted} AS {mapper.to_string(kind)}) END AS {quoted}"
            )
        else:
            cells.append(f"CAST({quoted} AS {mapper.to_string(kind)}) AS {quoted}")
    return f"SELECT {', '.join(cells)} FROM (\n{select}\n) AS penstock_rows"


def _holds_struct(kind: Any) -> bool:
    return bool(kind.is_struct() or (kind.is_array() and _holds_struct(kind.value_type)))


def batches_of(selected: Iterator[list[tuple[Any, ...]]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Lists of rows as a driver gives them → Arrow; the cursor they come from is closed with them, however it ends."""
    with contextlib.ExitStack() as at_the_end:
        at_the_end.callback(getattr(selected, "close", lambda: None))
        for rows in selected:
            yield batch_of(rows, schema)


def batch_of(rows: Iterable[tuple[Any, ...]], schema: pa.Schema) -> pa.RecordBatch:
    """Rows as a driver gives them → Arrow."""
    import pyarrow as pa

    columns = list(zip(*rows, strict=True)) or [() for _ in schema]
    arrays = [_column(cells, field) for cells, field in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _column(cells: Iterable[Any], field: pa.Field) -> pa.Array:
    """Raises ActivityFailed, with the column's name, for a cell that no engine here could hold."""
    import pyarrow as pa

    try:
        return _array(cells, field.type)
    except (pa.ArrowException, ValueError, OverflowError) as error:
        raise unreadable(f"Column '{field.name}'", str(error)) from error


def unreadable(what: str, why: str) -> ActivityFailed:
    """What is said of a cell that cannot come here as it is, such as an array in an array."""
    return ActivityFailed(
        f"{what} of the database holds a value that cannot be read here: {why.strip().rstrip('.')}.",
        hint="Read it by a dataset of type sql_query that casts the column to a text, or leaves it out.",
    )


def _array(cells: Iterable[Any], kind: pa.DataType) -> pa.Array:
    import pyarrow as pa
    import pyarrow.types as are

    if are.is_floating(kind):
        return pa.array([None if c is None else float(c) for c in cells], kind)
    if are.is_integer(kind):
        return pa.array([None if c is None else _whole(c) for c in cells], kind)
    if are.is_boolean(kind):
        return pa.array([None if c is None else bool(_whole(c)) for c in cells], kind)
    if are.is_timestamp(kind):
        return pa.array([_instant(c, aware=kind.tz is not None) for c in cells], kind)
    if are.is_date(kind):
        return pa.array([_day(c) for c in cells], kind)
    if are.is_string(kind):
        return pa.array([_text(c) for c in cells], kind)
    return pa.array([_nested(c, kind) for c in cells], kind)


def _whole(cell: Any) -> int:
    return int.from_bytes(cell) if isinstance(cell, bytes) else int(cell)


def _nested(cell: Any, kind: pa.DataType) -> Any:
    """A list or an object that came as JSON; objects have their fields in order, under whatever names. An array of
    PostgreSQL may have more dimensions than its type says: its elements come one after the other."""
    import pyarrow.types as are

    if cell is None:
        return None
    if are.is_list(kind):
        deeper = are.is_list(kind.value_type)
        return [_nested(c, kind.value_type) for c in (cell if deeper else _flat(cell))]
    if are.is_struct(kind):
        fields = zip(kind, cell.values() if isinstance(cell, dict) else cell, strict=True)
        return {field.name: _array([c], field.type)[0].as_py() for field, c in fields}
    return cell


def _flat(cells: Iterable[Any]) -> Iterator[Any]:
    for cell in cells:
        yield from _flat(cell) if isinstance(cell, list) else (cell,)


def _instant(cell: Any, *, aware: bool) -> datetime | None:
    if cell is None or _is_no_day(cell):
        return None
    if isinstance(cell, str):
        cell = datetime.fromisoformat(cell)
    elif isinstance(cell, date) and not isinstance(cell, datetime):
        cell = datetime(cell.year, cell.month, cell.day)
    if cell.tzinfo is not None:
        cell = cell.astimezone(UTC)
    return cell.replace(tzinfo=UTC if aware else None)


def _is_no_day(cell: Any) -> bool:
    """`0000-00-00`, by which MySQL says that there is none, and a day whose month or day is 00."""
    return isinstance(cell, str) and re.match(r"0000-|\d{4}-00-|\d{4}-\d\d-00", cell) is not None


def _day(cell: Any) -> date | None:
    if _is_no_day(cell):
        return None
    if isinstance(cell, str):
        return date.fromisoformat(cell[:10])
    return cell.date() if isinstance(cell, datetime) else cell


def _text(cell: Any) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    return cell.decode(errors="replace") if isinstance(cell, (bytes, bytearray)) else str(cell)


def plain(value: Any) -> Any:
    """A single answer as Python's own."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
