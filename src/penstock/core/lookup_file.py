"""Bundled rows of a lookup: one SQLite file, columns called c0, c1 …, values that keep their types as JSON has them."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from penstock.core.schema import INTEGER_TYPES, NUMERIC_TYPES, Column, Schema

AT_ONCE = 5_000
Cell = Any
"""What JSON can say: text, number, boolean, list, object or nothing."""


def write(
    file: Path, columns: Schema, rows: Iterable[Sequence[Any]], *, keys: Iterable[Sequence[str]]
) -> int:
    """Write rows, with an index for each set of columns that they are found by; returns how many."""
    places = {column.name: f"c{n}" for n, column in enumerate(columns)}
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file)) as con:
        con.execute("PRAGMA journal_mode=OFF")
        con.execute(f"CREATE TABLE rows ({', '.join(places.values())})")
        marks = ", ".join("?" for _ in columns)
        count = 0
        for part in _parts(rows, columns):
            con.executemany(f"INSERT INTO rows VALUES ({marks})", part)
            count += len(part)
        for n, names in enumerate(dict.fromkeys(tuple(k) for k in keys)):
            con.execute(f"CREATE INDEX by{n} ON rows ({', '.join(places[name] for name in names)})")
        con.commit()
    return count


def opened(file: Path) -> sqlite3.Connection:
    """The file, to be read by one thread at a time; nothing can write it."""
    return sqlite3.connect(
        f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
    )


def _parts(rows: Iterable[Sequence[Any]], columns: Schema) -> Iterator[list[list[Any]]]:
    part: list[list[Any]] = []
    for row in rows:
        part.append([stored(value, column) for value, column in zip(row, columns, strict=True)])
        if len(part) == AT_ONCE:
            yield part
            part = []
    if part:
        yield part


def stored(value: Any, column: Column) -> Any:
    """A cell as SQLite keeps it."""
    told = cell(value)
    if isinstance(told, bool):
        return int(told)
    return json.dumps(told) if isinstance(told, (list, dict)) else told


def read(value: Any, column: Column) -> Cell:
    """The other way."""
    if value is None:
        return None
    if column.type == "boolean":
        return bool(value)
    return json.loads(value) if column.type in ("array", "map", "object") else value


def cell(value: Any) -> Cell:
    """A value of a table or a database as JSON says it: numbers stay numbers, instants are ISO texts."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, (float, Decimal)):
        number = float(value)
        return number if math.isfinite(number) else None
    if isinstance(value, (datetime, date, time)):
        return _moment(value)
    if isinstance(value, Mapping):
        return {str(name): cell(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [cell(inner) for inner in value]
    return value.hex() if isinstance(value, (bytes, bytearray, memoryview)) else str(value)


def _moment(value: datetime | date | time) -> str:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat()


def key(value: Any, column: Column) -> Any:
    """What a caller gives for a key, as a value of the column's type; None when it can be none of its values."""
    convert = _KEYS.get(column.type, _text)
    try:
        return convert(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _text(value: Any) -> Any:
    return None if isinstance(value, (list, dict)) else str(cell(value))


def _whole(value: Any) -> int | None:
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return int(value)


def _truth(value: Any) -> Any:
    words = {"true": 1, "1": 1, "false": 0, "0": 0, "1.0": 1, "0.0": 0}
    return words.get(str(value).strip().lower())


def _instant(value: Any) -> str:
    return _moment(datetime.fromisoformat(str(value).strip()))


def _day(value: Any) -> str:
    return date.fromisoformat(str(value).strip()[:10]).isoformat()


def _in_utc(value: Any) -> str:
    told = datetime.fromisoformat(str(value).strip())
    return _moment(told if told.tzinfo else told.replace(tzinfo=UTC))


_KEYS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(NUMERIC_TYPES, float), **dict.fromkeys(INTEGER_TYPES, _whole),
    "boolean": _truth, "datetime": _instant, "datetime_tz": _in_utc, "date": _day,
}  # fmt: skip
