"""Managed folders from the command line."""

from __future__ import annotations

from pathlib import Path

from .bank import Bank


def test_files_go_in_come_out_and_go_away(own: Bank, tmp_path: Path) -> None:
    (tmp_path / "may.csv").write_text("a\n1\n")
    assert (
        own.ok("folder", "put", "inbox", str(tmp_path / "may.csv"), "--under", "new").out == "new/may.csv\n"
    )
    own.ok("folder", "get", "inbox", "new/may.csv", str(tmp_path / "back.csv"))
    assert (tmp_path / "back.csv").read_text() == "a\n1\n"
    own.ok("folder", "remove", "inbox", "new/may.csv")
    assert [f["file"] for f in own.ok("folder", "files", "inbox", "--json").json] == ["april.csv", "june.csv"]


def test_a_file_that_is_not_there_is_named_with_the_nearest(bank: Bank, tmp_path: Path) -> None:
    said = bank.run("folder", "get", "inbox", "apirl.csv", str(tmp_path))
    assert said.code == 3
    assert "april.csv" in said.err
    assert bank.run("folder", "put", "inbox", str(tmp_path / "gone.csv")).code == 3
