"""Workbooks: a sheet by name, typed columns, mixed ones as text."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from penstock.core.errors import NotFound
from penstock.core.schema import Column
from penstock.kinds.formats.excel import Excel


@pytest.fixture
def book(tmp_path: Path) -> str:
    book = openpyxl.Workbook()
    first = book.active
    first.title = "January"
    for row in [
        ["id", "x", "name", "at", "mixed", "ok"],
        [1, 1.5, "é", datetime(2013, 1, 1, 5), 1, True],
        [2, None, None, None, "a", None],
    ]:
        first.append(row)
    book.create_sheet("Notes").append(["a title"])
    book["Notes"].append(["k", "v"])
    book["Notes"].append(["x", 3])
    book.save(tmp_path / "a.xlsx")
    return str(tmp_path / "a.xlsx")


def test_cells_keep_their_kind_and_a_mixed_column_is_text(place: Any, book: str) -> None:
    table = Excel().scan([book], (), place)
    assert place.rows(table) == [
        {"id": 1, "x": 1.5, "name": "é", "at": datetime(2013, 1, 1, 5), "mixed": "1", "ok": True},
        {"id": 2, "x": None, "name": None, "at": None, "mixed": "a", "ok": None},
    ]
    kinds = ["bigint", "double", "string", "datetime", "string", "boolean"]
    assert [c.type for c in Excel().infer([book], place)] == kinds


def test_a_sheet_is_chosen_by_name_and_rows_above_the_header_left_out(place: Any, book: str) -> None:
    table = Excel(sheet="Notes", skip_before=1).scan([book], (Column(name="v", type="double"),), place)
    assert place.rows(table) == [{"v": 3.0}]
    assert Excel().sheets(book) == ["January", "Notes"]


def test_a_sheet_that_is_not_there_is_named_with_the_nearest(place: Any, book: str) -> None:
    with pytest.raises(NotFound, match=r"January"):
        Excel(sheet="Januar").scan([book], (), place)
