"""Connections from the command line."""

from __future__ import annotations

import json
from pathlib import Path

from ..servers import Postgres
from .bank import Bank


def test_a_connection_is_set_tried_and_removed(auto: Bank, postgres: Postgres, tmp_path: Path) -> None:
    (tmp_path / "warehouse.yaml").write_text(json.dumps({**postgres.settings, "password": "secret:word"}))
    said = auto.ok("connection", "set", "warehouse", str(tmp_path / "warehouse.yaml"))
    assert "penstock connection secret put word" in said.err
    [row] = auto.ok("connection", "list", "--json").json
    assert (row["name"], row["type"], row["missing_secrets"]) == ("warehouse", "postgresql", ["word"])
    assert auto.ok("channel", "list", "--json").json == [], "no message goes through it"
    assert auto.ok("connection", "show", "warehouse", "--json").json["password"] == "secret:word"
    (tmp_path / "open.yaml").write_text(json.dumps(postgres.settings))
    auto.ok("connection", "set", "warehouse", str(tmp_path / "open.yaml"))
    assert "PostgreSQL 18" in auto.ok("connection", "test", "warehouse").out
    auto.ok("connection", "remove", "warehouse")
    assert auto.ok("connection", "list").out.startswith("No connection yet")


def test_a_connection_that_does_not_answer_is_told_with_its_reason(
    auto: Bank, postgres: Postgres, tmp_path: Path
) -> None:
    (tmp_path / "warehouse.yaml").write_text(json.dumps({**postgres.settings, "database": "nowhere"}))
    auto.ok("connection", "set", "warehouse", str(tmp_path / "warehouse.yaml"))
    said = auto.run("connection", "test", "warehouse")
    assert said.code == 1
    assert 'database "nowhere" does not exist' in said.err
