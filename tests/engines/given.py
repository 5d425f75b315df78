"""The rows every case runs on: nulls, empty texts, unicode, zones, huge integers, NaN; and when answers are equal."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pyarrow as pa

HUGE = 2**62
TOKYO = timezone(timedelta(hours=9))

ROWS = pa.table(
    {
        "i": pa.array(range(10), pa.int64()),
        "name": ["Zoë 🚀", None, "", "bob", "BOB", " pad ", "a,b;c", 'O\'Brien "x"', "éa", "line\nbreak"],
        "kind": ["a", "b", None, "", "a", "b", "a", None, "", "b"],
        "n": pa.array([1, None, -3, 0, 7, 7, 2, -3, 5, 10], pa.int64()),
        "huge": pa.array([HUGE, -HUGE, None, HUGE + 1, 0, 1, -1, HUGE - 1, None, 3], pa.int64()),
        "x": pa.array([1.5, float("nan"), None, -2.25, 0.0, 3.125, -0.0, 1e150, 2.5, 0.1]),
        "ok": [True, None, False, True, True, False, None, True, False, False],
        "day": pa.array(
            [
                date(2024, 2, 29),
                None,
                date(2023, 12, 31),
                date(1970, 1, 1),
                date(2024, 3, 1),
                date(2000, 2, 29),
                date(1969, 7, 20),
                date(2024, 1, 1),
                None,
                date(2026, 11, 21),
            ]
        ),
        "at": pa.array(
            [
                datetime(2024, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC),
                None,
                datetime(2024, 3, 10, 7, 30, tzinfo=TOKYO),
                datetime(1970, 1, 1, tzinfo=UTC),
                datetime(2023, 12, 31, 23, 30, tzinfo=UTC),
                datetime(2024, 1, 1, 8, 0, tzinfo=TOKYO),
                datetime(1969, 7, 20, 20, 17, 40, tzinfo=UTC),
                datetime(2024, 2, 29, 12, 0, tzinfo=UTC),
                None,
                datetime(2026, 11, 21, 6, 15, tzinfo=UTC),
            ],
            pa.timestamp("us", "UTC"),
        ),
        "moment": pa.array(
            [
                datetime(2024, 2, 29, 12, 0, 0, 123_456),
                None,
                datetime(2024, 3, 10, 2, 30),
                datetime(1970, 1, 1),
                datetime(2023, 12, 31, 23, 59, 59),
                datetime(2024, 1, 1),
                datetime(1969, 7, 20, 20, 17, 40),
                datetime(2024, 2, 29),
                None,
                datetime(2026, 11, 21, 6, 15),
            ],
            pa.timestamp("us"),
        ),
        "date_text": [
            "2024-02-29",
            "29/02/2024",
            None,
            "",
            "2023-12-31T23:30:00Z",
            "2024-01-01 08:00:00+09:00",
            "nonsense",
            "01/13/2024",
            "1969-07-20",
            "2024-2-9",
        ],
        "number_text": ["1", "2.50", None, "", " 3 ", "abc", "-4e2", "1,5", "12345678901234567890", "0"],
        "json": [
            '{"a": 1, "b": ["x", "y"]}',
            "[1, 2, 3]",
            None,
            "",
            "{}",
            '{"a": null}',
            "oops",
            '{"a": "é"}',
            "null",
            "7",
        ],
    }
)

OTHERS = pa.table(
    {
        "kind": ["a", "b", "c", None, "", "a"],
        "j": pa.array([100, 200, 300, 400, 500, 600], pa.int64()),
        "x": pa.array([1.0, None, float("nan"), 4.0, 5.0, 6.0]),
        "name": ["ann", "Zoë 🚀", None, "", "eve", "fay"],
    }
)


def same(found: Any, wanted: Any) -> bool:
    """Whether two cells are equal: numbers to 12 digits, NaN is NaN, instants whatever their zone is called."""
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, (int, float)) and isinstance(wanted, (int, float)):
        if isinstance(found, int) and isinstance(wanted, int):
            return found == wanted
        return (math.isnan(found) and math.isnan(wanted)) or math.isclose(
            found, wanted, rel_tol=1e-12, abs_tol=1e-12
        )
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(found, dict) and isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(same(found[k], wanted[k]) for k in found)
    return bool(found == wanted)


def different(found: Sequence[dict[str, Any]], wanted: Sequence[dict[str, Any]], *, ordered: bool) -> str:
    """Where two answers differ, in a sentence; empty when they do not."""
    ours = found if ordered else sorted(found, key=_key)
    theirs = wanted if ordered else sorted(wanted, key=_key)
    if len(ours) != len(theirs):
        return f"{len(ours)} rows instead of {len(theirs)}: {ours} instead of {theirs}"
    for row, other in zip(ours, theirs, strict=True):
        if list(row) != list(other):
            return f"columns {list(row)} instead of {list(other)}"
        wrong = [c for c in row if not same(row[c], other[c])]
        if wrong:
            cells = "; ".join(f"{c}: {row[c]!r} instead of {other[c]!r}" for c in wrong)
            return f"{cells}, in the row {other}"
    return ""


def compared(found: pa.Table, wanted: pa.Table, *, ordered: bool = False) -> str:
    """Where two answers differ in their rows or types, in a sentence; empty when they do not."""
    said = different(found.to_pylist(), wanted.to_pylist(), ordered=ordered)
    if said or types(found.schema) == types(wanted.schema):
        return said
    return f"types {types(found.schema)} instead of {types(wanted.schema)}"


def _key(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(_text(cell) for cell in row.values())


def _text(cell: Any) -> str:
    if isinstance(cell, float):
        return "nan" if math.isnan(cell) else f"{round(cell, 9) + 0.0:.9g}"
    if isinstance(cell, int) and not isinstance(cell, bool):
        return f"{float(cell):.9g}"
    return repr(cell) if not isinstance(cell, datetime) else cell.isoformat()


def types(fields: Iterable[Any]) -> dict[str, str]:
    """Column → Arrow type, whole numbers of any width alike, and numbers of any width."""
    widths = {"int8": "int", "int16": "int", "int32": "int", "int64": "int", "float": "double"}
    return {f.name: widths.get(str(f.type), str(f.type).replace("large_", "")) for f in fields}
