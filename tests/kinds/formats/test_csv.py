"""CSV: four ways to quote, every encoding, compressed or not; types on request, and cells that do not fit."""

from __future__ import annotations

import bz2
import gzip
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penstock.core.errors import (
    ActivityFailed,
    ColumnMissing,
    InvalidDefinition,
    PenstockError,
    SourceNotReady,
)
from penstock.core.registry import parse
from penstock.core.schema import Column
from penstock.engine import export
from penstock.kinds.formats.csv import Csv

Place = Any
"""An open session and a folder to work in; see tests/kinds/conftest.py."""


def wrote(folder: Path, text: str | bytes, name: str = "a.csv") -> str:
    file = folder / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(file)


def read(place: Place, csv: Csv, *files: str, columns: tuple[Column, ...] = ()) -> list[dict[str, Any]]:
    return place.rows(csv.scan(list(files), columns, place))


@pytest.mark.requirement("A05")
def test_every_column_is_text_and_an_empty_cell_is_null_quoted_or_not(place: Place, tmp_path: Path) -> None:
    file = wrote(tmp_path, 'id,name,note\n007,é,""\n2,,"a ""b""\nc,d"\n')
    assert read(place, Csv(), file) == [
        {"id": "007", "name": "é", "note": None},
        {"id": "2", "name": None, "note": 'a "b"\nc,d'},
    ]


def test_words_for_a_missing_value_are_null_too(place: Place, tmp_path: Path) -> None:
    file = wrote(tmp_path, "a,b\nNA,1\nx,NULL\n")
    assert read(place, Csv(missing=("NA", "NULL")), file) == [{"a": None, "b": "1"}, {"a": "x", "b": None}]


@pytest.mark.parametrize(
    ("quoting", "text", "cells"),
    [
        ("excel", 'a,b\n"x ""y"", z",1\n', ['x "y", z', "1"]),
        ("unix", 'a,b\n"x \\"y\\", z",1\\\\2\n', ['x "y", z', "1\\2"]),
        ("escape", 'a,b\nx "y"\\, z,1\\\\2\n', ['x "y", z', "1\\2"]),
        ("none", 'a,b\n"x \\y,1"\n', ['"x \\y', '1"']),
    ],
)
def test_each_quoting_style_reads_as_it_says(
    place: Place, tmp_path: Path, quoting: str, text: str, cells: list[str]
) -> None:
    [row] = read(place, Csv(quoting=quoting), wrote(tmp_path, text))
    assert list(row.values()) == cells


@pytest.mark.parametrize("quoting", ["excel", "unix", "escape"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            *[
                st.none()
                | st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), min_size=1, max_size=8)
            ]
            * 2
        ),
        min_size=1,
        max_size=5,
    )
)
def test_what_a_style_writes_it_reads_again(
    place: Place, tmp_path: Path, quoting: Any, rows: list[tuple[str | None, str | None]]
) -> None:
    import ibis

    file = tmp_path / "round.csv"
    written = pa.table(
        {"a": pa.array([r[0] for r in rows], pa.string()), "b": pa.array([r[1] for r in rows], pa.string())}
    )
    export.write(place.session, ibis.memtable(written), file, quoting=quoting)
    assert read(place, Csv(quoting=quoting), str(file)) == written.to_pylist()


@pytest.mark.parametrize("charset", ["utf-8", "cp1252", "utf-16", "iso-8859-15"])
def test_encodings_are_read(place: Place, tmp_path: Path, charset: str) -> None:
    file = wrote(tmp_path, "näme,b\né,2\n".encode(charset))
    assert read(place, Csv(charset=charset), file) == [{"näme": "é", "b": "2"}]
    assert Csv().detect(file).charset in (charset, "cp1252")


def test_a_wrong_encoding_is_told(place: Place, tmp_path: Path) -> None:
    file = wrote(tmp_path, "a,b\né,2\n".encode("cp1252"))
    with pytest.raises(ActivityFailed, match="utf-8"):
        read(place, Csv(), file)
    with pytest.raises(InvalidDefinition, match="not an encoding"):
        parse("formats", {"type": "csv", "charset": "klingon"})


def test_a_byte_order_mark_is_not_part_of_the_first_name(place: Place, tmp_path: Path) -> None:
    assert read(place, Csv(), wrote(tmp_path, b"\xef\xbb\xbfa,b\n1,2\n")) == [{"a": "1", "b": "2"}]


@pytest.mark.parametrize("ending", ["gz", "bz2", "zip"])
def test_compressed_files_are_read(place: Place, tmp_path: Path, ending: str) -> None:
    text, file = b"a,b\n1,x\n", tmp_path / f"a.csv.{ending}"
    if ending == "zip":
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("one.csv", text)
            archive.writestr("two.csv", b"a,b\n2,y\n")
    else:
        file.write_bytes((gzip if ending == "gz" else bz2).compress(text))
    rows = read(place, Csv(), str(file))
    assert rows[0] == {"a": "1", "b": "x"}
    assert len(rows) == (2 if ending == "zip" else 1)
    assert Csv().detect(str(file)).separator == ","


def test_lines_around_the_header_are_left_out(place: Place, tmp_path: Path) -> None:
    file = wrote(tmp_path, 'report of "May\n\na,b\nunits,kg\n1,2\n')
    assert read(place, Csv(skip_before=2, skip_after=1), file) == [{"a": "1", "b": "2"}]


def test_without_a_header_columns_are_numbered_or_named_by_the_dataset(place: Place, tmp_path: Path) -> None:
    file = wrote(tmp_path, "1,2\n3,4\n")
    assert read(place, Csv(header=False), file)[0] == {"col_0": "1", "col_1": "2"}
    named = (Column(name="x", type="bigint"), Column(name="y"))
    assert read(place, Csv(header=False), file, columns=named) == [{"x": 1, "y": "2"}, {"x": 3, "y": "4"}]


def test_names_of_a_header_are_made_distinct(place: Place, tmp_path: Path) -> None:
    [row] = read(place, Csv(), wrote(tmp_path, 'a,A,,"q""q"\n1,2,3,4\n'))
    assert row == {"a": "1", "A_1": "2", "col_2": "3", 'q"q': "4"}


def test_several_files_follow_each_other_and_match_by_name(place: Place, tmp_path: Path) -> None:
    files = [wrote(tmp_path, "a,b\n1,2\n", "z.csv"), wrote(tmp_path, "b,a\n4,3\n", "a.csv")]
    assert read(place, Csv(), *files) == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]


def test_a_name_with_pattern_characters_is_only_itself(place: Place, tmp_path: Path) -> None:
    wrote(tmp_path, "a\n1\n", "x1.csv")
    assert read(place, Csv(), wrote(tmp_path, "a\n9\n", "x[1]*?.csv")) == [{"a": "9"}]


TYPED = (
    "n,x,ok,day,at,instant\n 12 ,1.5,true,2013-04-01,2013-04-01T05:00:00,2013-04-01T05:00:00+02:00\n,,,,,\n"
)
KINDS = ("bigint", "double", "boolean", "date", "datetime", "datetime_tz")


def test_declared_types_are_applied(place: Place, tmp_path: Path) -> None:
    columns = tuple(
        Column(name=n, type=k)  # type: ignore[arg-type]
        for n, k in zip(["n", "x", "ok", "day", "at", "instant"], KINDS, strict=True)
    )
    first, second = read(place, Csv(), wrote(tmp_path, TYPED), columns=columns)
    assert list(first.values()) == [
        12, 1.5, True, date(2013, 4, 1), datetime(2013, 4, 1, 5), datetime(2013, 4, 1, 3, tzinfo=UTC),
    ]  # fmt: skip
    assert set(second.values()) == {None}


def test_types_are_inferred_when_asked_and_codes_with_zeros_stay_text(place: Place, tmp_path: Path) -> None:
    file = wrote(tmp_path, TYPED)
    assert [c.type for c in Csv().infer([file], place, types=True)] == list(KINDS)
    assert {c.type for c in Csv().infer([file], place)} == {"string"}
    codes = wrote(tmp_path, f"zip,big,empty,mixed\n007,{2**63},,1\n12,1,,x\n", "c.csv")
    assert [c.type for c in Csv().infer([codes], place, types=True)] == [
        "string",
        "double",
        "string",
        "string",
    ]


def test_dates_and_numbers_of_other_countries(place: Place, tmp_path: Path) -> None:
    csv = Csv(separator=";", decimal=",", dates=("%d/%m/%Y", "%d.%m.%y"))
    file = wrote(tmp_path, "d;x\n31/12/2013;1,5\n01.02.14;2\n")
    columns = csv.infer([file], place, types=True)
    assert [c.type for c in columns] == ["date", "double"]
    assert read(place, csv, file, columns=columns) == [
        {"d": date(2013, 12, 31), "x": 1.5}, {"d": date(2014, 2, 1), "x": 2.0},
    ]  # fmt: skip


@pytest.mark.parametrize("cell", ["abc", "1.7", "99999999999999999999"])
def test_a_cell_that_does_not_fit_is_named_with_its_column_and_row(
    place: Place, tmp_path: Path, cell: str
) -> None:
    file = wrote(tmp_path, f"carrier,delay\nUA,5\nAA,{cell}\n")
    columns = (Column(name="carrier"), Column(name="delay", type="bigint"))
    with pytest.raises(ActivityFailed) as caught:
        read(place, Csv(), file, columns=columns)
    said = str(caught.value)
    assert f"'{cell}'" in said
    assert "Column 'delay' of dataset flights should be bigint" in said
    assert f"carrier=AA, delay={cell}" in said


def test_a_declared_column_that_a_file_lacks_is_named_before_reading(place: Place, tmp_path: Path) -> None:
    file = wrote(tmp_path, "carier,delay\nUA,5\n")
    with pytest.raises(ColumnMissing, match=r"carrier.*a\.csv.*carier"):
        Csv().scan([file], (Column(name="carrier"),), place)


def test_a_short_row_fails_or_is_padded(place: Place, tmp_path: Path) -> None:
    file = wrote(tmp_path, 'a,b\n1\n"x\ny",2\n')
    with pytest.raises(PenstockError, match="line 2 has 1 cell;"):
        read(place, Csv(), file)
    assert read(place, Csv(short_rows="pad"), file) == [{"a": "1", "b": None}, {"a": "x\ny", "b": "2"}]


def test_a_giant_cell_fails_as_a_sign_of_wrong_quoting(place: Place, tmp_path: Path) -> None:
    file = wrote(tmp_path, "a,b\n" + "x" * 5000 + ",1\n")
    with pytest.raises(PenstockError, match="Maximum line size"):
        read(place, Csv(max_row=1000), file)


def test_empty_files_have_no_rows_and_need_known_columns(place: Place, tmp_path: Path) -> None:
    empty, header = wrote(tmp_path, "", "e.csv"), wrote(tmp_path, "a,b\n", "h.csv")
    assert read(place, Csv(), header) == []
    assert read(place, Csv(), empty, columns=(Column(name="a", type="bigint"),)) == []
    with pytest.raises(SourceNotReady, match="empty"):
        read(place, Csv(), empty)


@pytest.mark.requirement("A05")
@pytest.mark.parametrize(
    ("text", "separator", "quoting", "header"),
    [
        ("a,b,c\n1,2,3\n", ",", "excel", True),
        ("a;b\n1,5;2,5\n", ";", "excel", True),
        ("a\tb\n1\t2\n", "\t", "excel", True),
        ("a|b\n1|2\n", "|", "excel", True),
        ("1,2\n3,4\n", ",", "excel", False),
        ('a,b\n"x \\"y\\"",1\n', ",", "unix", True),
        ('a,b\n"x, ""y""",1\n', ",", "excel", True),
    ],
)
def test_settings_are_detected_from_the_first_lines(
    tmp_path: Path, text: str, separator: str, quoting: str, header: bool
) -> None:
    found = Csv().detect(wrote(tmp_path, text))
    assert (found.separator, found.quoting, found.header) == (separator, quoting, header)


def test_a_quote_that_first_appears_late_is_doubted(tmp_path: Path) -> None:
    file = wrote(tmp_path, "a,b\n" + "1,2\n" * 60_000 + '3,"x,y"\n')
    assert Csv(quoting="none").doubts(file) == [
        "A cell opens with a quote at byte 240,005, but quoting is none: is it really?"
    ]
    assert Csv().doubts(file) == []


def test_a_single_column_is_doubted(tmp_path: Path) -> None:
    [doubt] = Csv(separator=";").doubts(wrote(tmp_path, "a,b\n1,2\n"))
    assert "one column only" in doubt


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("a,a,b\n1,2,3\n", True),
        ("a,a,b\nx,y,z\n", True),
        ("yes,yes,no\nno,yes,no\n", False),
        ("1,a\n2,b\n", False),
    ],
)
def test_a_header_with_a_name_twice_is_a_header(tmp_path: Path, text: str, header: bool) -> None:
    (tmp_path / "x.csv").write_text(text)
    assert Csv().detect(str(tmp_path / "x.csv")).header is header


def test_columns_named_twice_are_renamed_and_that_is_said(tmp_path: Path, place: Any) -> None:
    file = tmp_path / "x.csv"
    file.write_text("a,a,b\n1,2,3\n")
    assert Csv().scan([str(file)], (), place).columns == ("a", "a_1", "b")
    assert Csv().doubts(str(file)) == ["The header names 'a' 2 times; the columns are called a, a_1."]


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_a_text_in_any_unicode_is_detected(place: Place, tmp_path: Path, charset: str) -> None:
    file = wrote(tmp_path, "name,x\nStraße,1\nmüde,2\n".encode(charset))
    assert read(place, Csv().detect(file), file) == [{"name": "Straße", "x": "1"}, {"name": "müde", "x": "2"}]


def test_numbers_and_dates_of_a_german_file_are_detected(place: Place, tmp_path: Path) -> None:
    file = wrote(tmp_path, "price;day\n1,5;31.12.2024\n2;1.2.2025\n")
    csv = Csv().detect(file)
    assert (csv.decimal, csv.dates) == (",", ("%d.%m.%Y",))
    assert [c.type for c in csv.infer([file], place, types=True)] == ["double", "date"]


def test_what_is_no_text_is_refused_with_what_it_looks_like(tmp_path: Path) -> None:
    with pytest.raises(PenstockError, match=r"a.csv holds no text: it looks like a Parquet file"):
        Csv().detect(wrote(tmp_path, b"PAR1" + bytes(range(256))))


def test_a_thousand_columns_are_typed(place: Place, tmp_path: Path) -> None:
    names = ",".join(f"c{i}" for i in range(1000))
    file = wrote(tmp_path, f"{names}\n{','.join(['1'] * 1000)}\n")
    assert {c.type for c in Csv().infer([file], place, types=True)} == {"bigint"}
