"""JSON lines keep nested values, and follow the declared columns."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import ActivityFailed
from penstock.core.schema import Column
from penstock.kinds.formats.jsonl import Jsonl


def test_lines_become_rows_and_keys_that_come_late_are_columns_too(place: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"a": 1, "b": "é", "c": {"d": [1, 2]}}\n{"a": null, "e": true}\n')
    assert place.rows(Jsonl().scan([str(file)], (), place)) == [
        {"a": 1, "b": "é", "c": {"d": [1, 2]}, "e": None},
        {"a": None, "b": None, "c": None, "e": True},
    ]
    assert [(c.name, c.type) for c in Jsonl().infer([str(file)], place)] == [
        ("a", "bigint"), ("b", "string"), ("c", "object"), ("e", "boolean"),
    ]  # fmt: skip


def test_an_array_of_objects_and_a_compressed_file_are_read_too(place: Any, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"a": 1}, {"a": 2}]')
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b'{"a": 3}\n'))
    files = [str(tmp_path / "a.json"), str(tmp_path / "b.jsonl.gz")]
    assert place.rows(Jsonl().scan(files, (), place)) == [{"a": 1}, {"a": 2}, {"a": 3}]


def test_texts_that_look_like_codes_stay_texts(place: Any, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"zip": "007", "day": "2013-04-01"}\n')
    table = Jsonl().scan(
        [str(tmp_path / "a.jsonl")], (Column(name="zip"), Column(name="day", type="date")), place
    )
    assert place.rows(table) == [{"zip": "007", "day": date(2013, 4, 1)}]


def test_a_value_that_does_not_fit_is_named(place: Any, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"n": "x"}\n')
    with pytest.raises(ActivityFailed, match="Column 'n' of dataset flights should be bigint"):
        place.rows(Jsonl().scan([str(tmp_path / "a.jsonl")], (Column(name="n", type="bigint"),), place))
