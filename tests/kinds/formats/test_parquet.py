"""Parquet files keep their types; several are matched by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from penstock.core.errors import ActivityFailed, ColumnMissing
from penstock.core.schema import Column
from penstock.kinds.formats.parquet import Parquet


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    pq.write_table(pa.table({"a": pa.array([1, None], pa.int32()), "b": ["", None]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"b": ["é"], "a": pa.array([2**31 - 1], pa.int32())}), tmp_path / "2.parquet")
    return [str(tmp_path / "1.parquet"), str(tmp_path / "2.parquet")]


def test_files_follow_each_other_matched_by_name(place: Any, files: list[str]) -> None:
    assert place.rows(Parquet().scan(files, (), place)) == [
        {"a": 1, "b": ""}, {"a": None, "b": None}, {"a": 2147483647, "b": "é"},
    ]  # fmt: skip
    assert [(c.name, c.type) for c in Parquet().infer(files, place)] == [("a", "int"), ("b", "string")]


def test_declared_columns_choose_order_and_type(place: Any, files: list[str]) -> None:
    table = Parquet().scan(files, (Column(name="b"), Column(name="a", type="double")), place)
    assert place.rows(table)[0] == {"b": "", "a": 1.0}
    assert table.columns == ("b", "a")


def test_a_cell_that_does_not_fit_and_a_missing_column_are_named(place: Any, files: list[str]) -> None:
    with pytest.raises(ActivityFailed, match="Column 'a' of dataset flights should be tinyint"):
        place.rows(Parquet().scan(files, (Column(name="a", type="tinyint"),), place))
    with pytest.raises(ColumnMissing, match="Did you mean"):
        Parquet().scan(files, (Column(name="A"),), place)
