"""Datasets from the command line."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from .bank import Bank


@pytest.mark.requirement("A05")
def test_an_uploaded_csv_becomes_a_dataset_of_texts_until_types_are_inferred(
    own: Bank, tmp_path: Path
) -> None:
    (tmp_path / "fees.csv").write_text("carrier;fee\nUA;2,5\nAA;3\n", encoding="utf-8")
    own.ok("dataset", "create", "fees", str(tmp_path / "fees.csv"))
    shown = own.ok("dataset", "show", "fees", "--json").json
    assert shown["format"] == {"type": "csv", "separator": ";", "decimal": ","}
    assert [(c["name"], c.get("type", "string")) for c in shown["columns"]] == [
        ("carrier", "string"),
        ("fee", "string"),
    ]
    assert own.ok("dataset", "head", "fees", "--json").json["rows"][0] == {"carrier": "UA", "fee": "2,5"}
    (tmp_path / "fees.csv").write_text("carrier;fee\nUA;2\n", encoding="utf-8")
    own.ok("dataset", "upload", "fees", str(tmp_path / "fees.csv"))
    own.ok("dataset", "infer", "fees", "--save")
    assert own.ok("dataset", "head", "fees", "--json").json["rows"] == [{"carrier": "UA", "fee": 2}]


def test_a_taken_name_and_a_file_that_is_not_there_are_refused(own: Bank, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n")
    assert own.run("dataset", "create", "may", str(tmp_path / "a.csv")).code == 4
    assert own.run("dataset", "create", "new", str(tmp_path / "gone.csv")).code == 3
    assert own.run("dataset", "upload", "scored", str(tmp_path / "a.csv")).code == 5


@pytest.mark.requirement("A02")
def test_files_are_listed_with_size_and_date_chosen_and_marked(own: Bank) -> None:
    own.ok("dataset", "select-files", "monthly", "june.csv")
    rows = own.ok("dataset", "list-files", "monthly", "--json").json
    assert [(r["file"], r["selected"]) for r in rows] == [("april.csv", False), ("june.csv", True)]
    assert all(r["bytes"] > 0 and r["modified"].startswith("20") for r in rows)
    assert own.ok("dataset", "count", "monthly").out == "5\n"
    said = own.run("dataset", "select-files", "monthly", "june.cvs")
    assert said.code == 3
    assert "june.csv" in said.err
    assert own.run("dataset", "select-files", "history", "history.csv").code == 5


@pytest.mark.requirement("A20")
def test_head_says_when_the_rows_were_looked_at_and_when_they_were_built(bank: Bank) -> None:
    found = bank.ok("dataset", "head", "scored", "-n", "3", "--json").json
    assert len(found["rows"]) == 3
    assert found["built_at"] < found["computed_at"]
    assert "3 rows, looked at 20" in bank.ok("dataset", "head", "scored", "-n", "3").out


def test_all_rows_are_exported(bank: Bank, tmp_path: Path) -> None:
    bank.ok("dataset", "export", "scored", str(tmp_path / "scored.parquet"))
    assert pq.read_table(tmp_path / "scored.parquet").num_rows == 300
    assert bank.run("dataset", "export", "scored", str(tmp_path / "no" / "x.csv")).code == 2


def test_external_data_is_not_cleared_and_managed_data_is(own: Bank) -> None:
    said = own.run("dataset", "clear", "history")
    assert said.code == 5
    assert "history" in said.err
    own.ok("dataset", "clear", "scored")
    assert own.run("dataset", "head", "scored").code == 6


def test_show_lists_the_snapshots(bank: Bank) -> None:
    [snapshot] = bank.ok("dataset", "show", "scored", "--json").json["snapshots"]
    assert snapshot["rows"] == 300


def test_one_file_of_an_upload_is_removed_and_the_others_stay(own: Bank, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("n\n1\n")
    (tmp_path / "b.csv").write_text("n\n2\n")
    own.ok("dataset", "create", "more", str(tmp_path / "a.csv"), str(tmp_path / "b.csv"))
    own.ok("dataset", "remove-files", "more", "a.csv")
    assert own.ok("dataset", "head", "more", "--json").json["rows"] == [{"n": "2"}]
    assert own.run("dataset", "remove-files", "more", "a.csv").code == 3
    (tmp_path / "c.csv").write_text("n\n3,4\n")
    assert "c.csv, line 2 has 2 cells" in own.run("dataset", "upload", "more", str(tmp_path / "c.csv")).err
    assert own.ok("dataset", "count", "more").out == "1\n"
