"""Dashboards from the command line."""

from __future__ import annotations

from pathlib import Path

from .bank import Bank


def test_every_project_starts_with_a_default_dashboard(bank: Bank) -> None:
    (row,) = bank.ok("dashboard", "list", "--json").json
    assert (row["name"], row["tiles"], row["promoted"]) == ("default", 0, False)
    said = bank.ok("dashboard", "show", "default")
    assert "The page is empty" in said.out + said.err


def test_objects_are_published_shown_and_exported(own: Bank, tmp_path: Path) -> None:
    said = own.ok("dashboard", "publish", "dataset", "scored").out
    assert "stands on page 1 of dashboard default" in said
    own.ok(
        "dashboard", "publish", "evaluation_store", "mes", "--set", "metric=ROC AUC", "--set", "show=history"
    )
    shown = own.ok("dashboard", "show", "default", "--json").json
    assert [t["title"] for t in shown["tiles"]] == ["scored", "ROC AUC of mes"]
    own.ok("dashboard", "copy", "default", shown["tiles"][0]["placed"]["key"])
    assert "rows" in own.ok("dashboard", "show", "default").out
    own.ok("dashboard", "export", "default", str(tmp_path / "d.pdf"))
    assert (tmp_path / "d.pdf").read_bytes().startswith(b"%PDF")


def test_dashboards_are_made_promoted_and_deleted(own: Bank) -> None:
    assert own.ok("dashboard", "create", "Our team").out == "our_team\n"
    own.ok("dashboard", "promote", "our_team")
    assert own.ok("dashboard", "list", "--json").json[0]["promoted"]
    own.ok("dashboard", "delete", "our_team")
    assert own.run("dashboard", "show", "our_team").code == 3


def test_what_cannot_be_is_told(bank: Bank, tmp_path: Path) -> None:
    assert "Did you mean default" in bank.run("dashboard", "show", "defualt").err
    assert bank.run("dashboard", "export", "default", str(tmp_path / "d.gif")).code == 2
    assert bank.run("dashboard", "export", "default", str(tmp_path / "d.pdf"), "--paper", "A9").code == 2
    assert bank.run("dashboard", "publish", "dataset", "nothing").code == 3
