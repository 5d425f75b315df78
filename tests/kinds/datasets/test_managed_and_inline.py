"""What recipes wrote, and what people typed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from penstock.core.dataset import Snapshot
from penstock.core.errors import InvalidDefinition, SourceNotReady

from .given import Surroundings, dataset


@pytest.fixture
def at(place: Any, tmp_path: Path) -> Surroundings:
    return Surroundings(place, tmp_path)


def test_a_managed_dataset_gives_its_snapshot_and_its_state_is_the_snapshot(at: Surroundings) -> None:
    managed = dataset(type="managed")
    with pytest.raises(SourceNotReady, match="Dataset flights has not been built"):
        managed.read(at)
    (at.base / "snapshot").mkdir()
    pq.write_table(pa.table({"a": [1, None], "b": ["", None]}), at.base / "snapshot" / "0.parquet")
    at.current = Snapshot(
        id="s1", rows=2, bytes=1, files=1, columns=(), fingerprint="x", written_at=datetime.now(UTC)
    )
    assert at.rows(managed) == [{"a": 1, "b": ""}, {"a": None, "b": None}]
    assert managed.state(at) == "s1"
    assert [f.path for f in managed.files(at)] == ["0.parquet"]


def test_inline_rows_have_the_types_of_their_columns(at: Surroundings) -> None:
    typed = dataset(
        type="inline",
        columns=[
            {"name": "k"}, {"name": "n", "type": "int"}, {"name": "x", "type": "double"},
            {"name": "d", "type": "date"}, {"name": "t", "type": "datetime_tz"}, {"name": "ok", "type": "boolean"},
        ],
        rows=[
            {"k": 7, "n": "3", "x": 1, "d": date(2013, 1, 1), "t": "2013-01-01T02:00:00+02:00", "ok": "true"},
            {"k": ""},
        ],
    )  # fmt: skip
    assert at.rows(typed) == [
        {
            "k": "7",
            "n": 3,
            "x": 1.0,
            "d": date(2013, 1, 1),
            "t": datetime(2013, 1, 1, tzinfo=UTC),
            "ok": True,
        },
        {"k": "", "n": None, "x": None, "d": None, "t": None, "ok": None},
    ]


def test_without_columns_the_rows_suggest_them(at: Surroundings) -> None:
    shape = dataset(type="inline", rows=[{"a": 1, "b": 1.5}, {"a": 2, "c": True}, {"b": 2, "d": "x"}]).shape()
    assert [(c.name, c.type) for c in shape] == [
        ("a", "bigint"),
        ("b", "double"),
        ("c", "boolean"),
        ("d", "string"),
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"n": "x"}, "Row 1, column 'n': 'x' is not a int"), ({"m": 1}, "column 'm'"), ({"n": 1.5}, "1.5 is not a int"),
    ],
)  # fmt: skip
def test_a_cell_that_does_not_fit_is_refused_when_it_is_saved(row: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidDefinition, match=said):
        dataset(type="inline", columns=[{"name": "n", "type": "int"}], rows=[row])


def test_the_state_of_inline_rows_follows_their_cells_and_types(at: Surroundings) -> None:
    one = dataset(type="inline", rows=[{"a": 1}])
    assert one.state(at) == dataset(type="inline", rows=[{"a": 1}]).state(at)
    assert one.state(at) != dataset(type="inline", rows=[{"a": 2}]).state(at)
    assert one.state(at) != one.changed(columns=({"name": "a", "type": "double"},)).state(at)


def test_no_rows_still_have_columns(at: Surroundings) -> None:
    assert at.rows(dataset(type="inline", columns=[{"name": "a", "type": "date"}])) == []
    with pytest.raises(InvalidDefinition, match="columns, rows"):
        dataset(type="inline")
