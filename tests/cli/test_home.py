"""The home from the command line."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from penstock.app import open_node
from penstock.cli.home import size
from tests.servers import Postgres

from .bank import Bank


def test_status_tells_disk_use_by_part_and_what_waits(auto: Bank) -> None:
    found = auto.ok("home", "status", "--json").json
    assert {"projects", "data", "logs", "database"} <= set(found["disk"])
    assert found["total"] == sum(found["disk"].values()) > 0
    assert (found["queued"], found["running"], found["workers"], found["problem"]) == (0, 0, [], "")
    auto.ok("scenario", "run", "mend", "--detach")
    said = auto.ok("home", "status")
    assert "Start a worker: penstock work" in said.err
    assert "Nobody works" in said.out
    assert "database" in said.out
    assert max(map(len, said.out.splitlines())) <= 80


def test_an_empty_home_has_a_status_too(empty: Bank) -> None:
    assert empty.ok("home", "status", "--json").json["counts"]["projects"] == 0
    assert empty.ok("home", "secrets", "--json").json == []


def test_bytes_are_said_as_people_read_them() -> None:
    assert [size(n) for n in (0, 999, 1000, 1_500_000, 2.5e9, 4e12)] == [
        "0 B", "999 B", "1.0 kB", "1.5 MB", "2.5 GB", "4.0 TB",
    ]  # fmt: skip


def test_where_there_is_no_home_the_command_that_makes_one_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank = Bank(tmp_path / "new", monkeypatch)
    (tmp_path / "smtp.yaml").write_text("type: smtp\nhost: localhost\n")
    for words in (
        ("work", "--until-idle"),
        ("channel", "set", "mail", f"{tmp_path}/smtp.yaml"),
        ("home", "status"),
    ):
        said = bank.run(*words)
        assert said.code == 3
        assert "penstock home create" in said.err
    assert not (tmp_path / "new").exists()
    assert "penstock project create" in bank.ok("home", "create").out
    bank.ok("work", "--until-idle")
    bank.ok("channel", "set", "mail", f"{tmp_path}/smtp.yaml")
    assert bank.run("home", "create").code == 4


def test_a_folder_with_other_things_does_not_become_a_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "letter.txt").touch()
    said = Bank(tmp_path, monkeypatch).run("home", "create")
    assert (said.code, "something else" in said.err) == (4, True)


def test_old_things_are_removed_on_demand_and_what_that_freed_is_told(
    auto: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        auto.ok("scenario", "run", "mend")
    monkeypatch.setenv("PENSTOCK_RUNS_KEPT", "1")
    found = auto.ok("home", "tidy", "--json").json
    assert found["runs"] == 2
    assert found["freed"] > 0
    assert len(auto.ok("scenario", "runs", "--json").json) == 1
    assert "Nothing was to be removed" in auto.ok("home", "tidy").out


def test_messages_that_reached_nobody_are_told_and_marked_on_their_run(auto: Bank) -> None:
    auto.ok("scenario", "run", "mend")
    node = open_node(auto.home)
    [run] = node.scenario_runs.runs()
    report = {"name": "Mail", "state": "failed", "why": "The server did not answer."}
    node.scenario_runs.save(replace(run, reports=({"name": "Chat", "state": "sent"}, report)))
    said = " ".join(auto.ok("home", "status").err.split())
    assert "1 message of the last 7 days did not reach anybody" in said
    assert f"reporter Mail of AUTO.mend, run {run.id}: " in said
    assert said.endswith("The server did not answer.")
    [row] = auto.ok("scenario", "runs", "--json").json
    assert row["not_told"] == ["Mail"]
    assert "not told" in auto.ok("scenario", "runs").out


@pytest.mark.sqlite
def test_a_home_moves_its_state_to_postgresql_and_goes_on_there(auto: Bank, postgres: Postgres) -> None:
    auto.ok("scenario", "run", "mend")
    before = auto.ok("scenario", "runs", "--json").json
    assert auto.ok("home", "status", "--json").json["state"] == "SQLite in the home"
    (auto.home / "config.yaml").write_text("# ours\nthreads: 2\n")
    kept = (auto.home / "state.db").stat().st_ino
    url = postgres.url.replace("postgres@", "postgres:s3cret word@").replace("+psycopg", "")
    said = auto.ok("home", "move-state", url).out
    assert "moved and compared" in said
    assert auto.ok("scenario", "runs", "--json").json == before
    written = (auto.home / "config.yaml").read_text()
    assert written.startswith("# ours\nthreads: 2\n")
    assert "postgresql://postgres:secret:state-database@/" in written
    assert "s3cret" not in written
    assert (auto.home / "state.db").stat().st_ino == kept
    state = auto.ok("home", "status", "--json").json["state"]
    assert state.startswith("postgresql://postgres@/")
    auto.ok("scenario", "run", "mend")
    assert postgres.run("SELECT count(*) FROM scenario_runs") == [(len(before) + 1,)]
    again = auto.run("home", "move-state", url)
    assert (again.code, "not empty" in again.err) == (4, True)


def test_a_state_does_not_move_while_somebody_works(auto: Bank, tmp_path: Path) -> None:
    node = open_node(auto.home)
    auto.ok("scenario", "run", "mend", "--detach")
    assert node.scenario_runs.claim("elsewhere:1:2/x", node.clock.now(), timedelta(seconds=60))
    said = auto.run("home", "move-state", f"sqlite:///{tmp_path}/new.db")
    assert (said.code, "1 run of a scenario at work on this home" in said.err) == (4, True)
    assert not (tmp_path / "new.db").exists()
    assert not (auto.home / "config.yaml").exists()
