"""What commands show: JSON that every program reads, tables that fit a screen."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from penstock.cli import output
from penstock.core.job import JobState


def test_json_knows_no_number_that_is_none_and_every_value_has_a_form() -> None:
    value = {
        "nan": float("nan"), "infinite": float("inf"), "decimal": Decimal("1.5"), "day": date(2013, 4, 1),
        "moment": datetime(2013, 4, 1, tzinfo=UTC), "path": Path("a/b"), "state": JobState.DONE,
        "bytes": b"x", 1: (2, {3}),
    }  # fmt: skip
    assert json.loads(json.dumps(output.plain(value), allow_nan=False)) == {
        "nan": None, "infinite": None, "decimal": "1.5", "day": "2013-04-01",
        "moment": "2013-04-01T00:00:00+00:00", "path": "a/b", "state": "DONE", "bytes": "b'x'", "1": [2, [3]],
    }  # fmt: skip


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print as to a plain terminal, which has 80 columns."""
    for name, value in (("TTY_COMPATIBLE", "1"), ("TERM", "dumb")):
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("screen")
def test_columns_that_do_not_fit_are_named_below_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    output.table([{f"column_{i}": "x" * 25 for i in range(6)}])
    said = capsys.readouterr().out
    assert "column 0" in said
    assert "and 3 more columns: column_3, column_4, column_5. --json shows all" in " ".join(said.split())
    assert max(map(len, said.splitlines())) <= 80
    output.table([{"a": "x" * 25, "b": "x" * 25, "c": "x" * 26, "d": "x"}])
    assert "and 1 more column: d." in capsys.readouterr().out


@pytest.mark.usefixtures("screen")
def test_a_sentence_shrinks_before_a_name_is_broken(capsys: pytest.CaptureFixture[str]) -> None:
    output.table([{"check": "c", "about": "a_name_of_some_length", "message": "many words " * 15}])
    said = capsys.readouterr().out
    assert "a_name_of_some_length" in said
    assert max(map(len, said.splitlines())) <= 80


@pytest.mark.usefixtures("screen")
def test_a_screen_is_spared_columns_that_are_empty(capsys: pytest.CaptureFixture[str]) -> None:
    output.table([{"name": "", "about": "", "n": 0}])
    assert capsys.readouterr().out.split()[:2] == ["name", "n"]
    output.table([{"name": "", "about": ""}], verbatim=True)
    assert capsys.readouterr().out.split()[:2] == ["name", "about"]


def test_a_pipe_gets_every_column_whole_and_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(
        [{"check": "x" * 50, "n": 1, "message": "word " * 40}, {"check": "y", "n": 10, "message": "a\nb"}]
    )
    heading, first, second = capsys.readouterr().out.splitlines()
    assert heading.split() == ["check", "n", "message"]
    assert first.startswith("x" * 50)
    assert first.endswith("word word")
    assert first.index("word") == second.index("a b") == heading.index("message")


def test_names_of_data_columns_are_shown_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    output.table([{"card_age": 3}], verbatim=True)
    assert "card_age" in capsys.readouterr().out


def test_markup_in_data_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    output.table([{"a": "[red]x[/red]"}])
    output.facts({"a": "[bold]y"})
    said = capsys.readouterr().out
    assert "[red]x[/red]" in said
    assert "[bold]y" in said


def test_an_empty_table_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    output.table([], empty="Nothing.")
    output.table([], as_json=True)
    assert capsys.readouterr().out == "Nothing.\n[]\n"


def test_a_status_never_takes_two_lines() -> None:
    assert output.one_line("short", 20) == "short"
    assert output.one_line("a line\nand another one", 12) == "a line and …"
