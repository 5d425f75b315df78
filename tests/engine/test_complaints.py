"""What people read when DuckDB cannot read their file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import penstock
from penstock.core.errors import ActivityFailed
from penstock.engine.complaints import reduced
from penstock.engine.parquet import FILE, write_arrow


@pytest.fixture
def project(tmp_path: Path) -> Any:
    return penstock.open(tmp_path / "home", create=True).create_project("X")


def made(project: Any, tmp_path: Path, name: str, content: bytes) -> Any:
    (tmp_path / name).write_bytes(content)
    return project.create_dataset("d", [tmp_path / name])


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.parquet", b"a,b\n1,2\n", "x.parquet is not a Parquet file, or only a part of one. Copy"),
        ("x.parquet", b"PAR1junkjunkjunkPAR1", "x.parquet is not a Parquet file"),
        ("x.xlsx", b"PK junk", "x.xlsx is not a workbook we can read"),
        ("x.jsonl", b"not json\n", "x.jsonl is not JSON at line or record"),
        ("x.jsonl", b'{"a": 1}\n{"a":\n', "x.jsonl is not JSON at line or record"),
        ("x.csv.gz", b"\x1f\x8bjunk", "x.csv.gz is not a whole gz file"),
        ("x.csv.zip", b"junk", "x.csv.zip is not a whole zip file"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_named_and_nothing_is_kept(
    project: Any, tmp_path: Path, name: str, content: bytes, said: str
) -> None:  # fmt: skip
    with pytest.raises(ActivityFailed) as refused:
        made(project, tmp_path, name, content)
    assert said in str(refused.value)
    assert str(tmp_path) not in str(refused.value)
    assert [p for p in (tmp_path / "home" / "data").rglob("*") if p.is_file()] == []
    (tmp_path / "good.csv").write_text("a\n1\n")
    project.create_dataset("d", [tmp_path / "good.csv"])
    assert project.dataset("d").head().rows == ({"a": "1"},)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("4", r"x\.csv, line 3 has 1 cell; .* has 2\. The line: “4”\. .*`short_rows: pad`"),
        ("1,2,3", r"x\.csv, line 3 has 3 cells; .* has 2\. The line: “1,2,3”\. Correct the line"),
    ],
)
def test_a_row_of_another_length_is_one_sentence_with_file_and_line(
    project: Any, tmp_path: Path, row: str, said: str
) -> None:  # fmt: skip
    with pytest.raises(ActivityFailed, match=said) as refused:
        made(project, tmp_path, "x.csv", f"a,b\n1,2\n{row}\n".encode())
    assert "\n" not in str(refused.value)


def test_a_quote_that_never_closes() -> None:
    said = (
        "Invalid Input Error: CSV Error on Line: 7\nValue with unterminated quote found.\n\n"
        "Possible fixes:\n* …\n\n  file = /a/x.csv\n"
    )
    assert reduced(said).message == "x.csv, line 7: Value with unterminated quote found."


def test_the_query_we_wrote_is_not_shown() -> None:
    assert reduced("Binder Error: no such thing\n\nLINE 1: SELECT …").message == "no such thing"


def test_a_full_disk_is_called_so_however_deep_it_is_wrapped() -> None:
    said = (
        'IO Error: Async write failed for range [offset=107, size=10282819]: {"exception_type":"IO",'
        '"exception_message":"Could not write file \\".x.csv.part\\": No space left on device","errno":"28"}'
    )
    assert reduced(said).message == "The disk is full: no space left on device."


def test_rows_that_find_no_room_are_a_sentence_too(tmp_path: Path) -> None:
    (tmp_path / FILE).symlink_to("/dev/full")
    with pytest.raises(ActivityFailed, match=r"The disk is full.*Make room there"):
        write_arrow(pa.table({"a": list(range(200_000))}), tmp_path)
