from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from penstock.core import lookup_file
from penstock.core.schema import Column

VALUES = {
    "bigint": 7, "double": 2.0, "boolean": True, "string": "ü", "date": date(2026, 1, 2), "array": [1, "a"],
    "datetime_tz": datetime(2026, 1, 2, 3, tzinfo=UTC), "object": {"a": [1]},
}  # fmt: skip
COLUMNS = tuple(Column(name=f"a {name}", type=name) for name in VALUES)  # type: ignore[arg-type]


@pytest.mark.requirement("D53")
def test_values_come_back_as_json_says_them(tmp_path: Path) -> None:
    file = tmp_path / "lookups" / "x.sqlite"
    rows = [tuple(VALUES.values()), (None,) * len(COLUMNS)]
    assert lookup_file.write(file, COLUMNS, rows, keys=[["a bigint"], ["a string", "a date"]]) == 2
    with closing(lookup_file.opened(file)) as con:
        kept, empty = con.execute("SELECT * FROM rows").fetchall()
    read = [lookup_file.read(value, column) for value, column in zip(kept, COLUMNS, strict=True)]
    assert read == [7, 2.0, True, "ü", "2026-01-02", [1, "a"], "2026-01-02T03:00:00Z", {"a": [1]}]
    assert [type(v) for v in read[:3]] == [int, float, bool]
    assert empty == (None,) * len(COLUMNS)


def test_what_json_cannot_say_becomes_what_it_can() -> None:
    assert lookup_file.cell(float("nan")) is None
    assert lookup_file.cell(Decimal("1.5")) == 1.5
    assert lookup_file.cell(b"\x01") == "01"


@pytest.mark.parametrize(
    ("type", "given", "key"),
    [
        ("bigint", "7", 7), ("bigint", 7.0, 7), ("bigint", 7.5, None), ("bigint", "seven", None), ("double", "2", 2.0),
        ("boolean", "true", 1), ("boolean", False, 0), ("boolean", "maybe", None), ("string", 7, "7"),
        ("string", ["a"], None), ("date", "2026-01-02T10:00", "2026-01-02"), ("date", "soon", None),
        ("datetime_tz", "2026-01-02T04:00:00+01:00", "2026-01-02T03:00:00Z"),
    ],
)  # fmt: skip
def test_a_key_is_read_as_the_columns_type(type: str, given: object, key: object) -> None:
    assert lookup_file.key(given, Column(name="k", type=type)) == key  # type: ignore[arg-type]
