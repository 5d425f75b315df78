"""The power fails: the state is what it was at some earlier write, whole, and the run goes on from there."""

from __future__ import annotations

import random
import shutil
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from penstock.core.outcome import Outcome
from penstock.core.scenario import LEASE, RunState, ScenarioRun, StepRun
from penstock.store.database import Database
from penstock.store.scenario_runs import SqlScenarioRuns

from . import kills

pytestmark = [pytest.mark.chaos, pytest.mark.sqlite]
STEPS = 10
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def a_step(position: int) -> StepRun:
    return StepRun(
        run="r", position=position, label=f"S{position}", type="t", state="RUNNING", why="It runs."
    )


def open_runs(home: Path) -> SqlScenarioRuns:
    return SqlScenarioRuns(Database(home), home / "logs")


def ask(runs: SqlScenarioRuns) -> None:
    runs.ask(ScenarioRun(
        id="r", project="P", scenario="s", definition={"steps": ["x" * 500]}, state=RunState.QUEUED, asked_at=NOW,
        asked_by="eva", run_as="eva",
    ))  # fmt: skip


def go_on(runs: SqlScenarioRuns, owner: str) -> list[int]:
    """What a worker does: claim the run, do the steps that are not finished, end it. Returns what it did."""
    run = runs.claim(owner, NOW, LEASE)
    assert run is not None
    finished = {s.position for s in runs.steps("r") if s.state == "DONE"}
    done = []
    for position in range(STEPS):
        if position not in finished:
            assert runs.save_step(a_step(position), owner=owner)
            ended = replace(a_step(position), state="DONE", outcome=Outcome.SUCCESS, output={"n": position})
            assert runs.save_step(ended, owner=owner)
            assert runs.heartbeat("r", owner, NOW)
            done.append(position)
    ended_run = replace(run, state=RunState.DONE, outcome=Outcome.SUCCESS)
    assert runs.save(ended_run, owner=owner)
    return done


def cut(source: Path, home: Path, length: int, noise: bytes = b"") -> Path:
    """The files as a power cut may leave them: only so much of the log of writes had reached the disk."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    shutil.copy(source / "state.db", home)
    (home / "state.db-wal").write_bytes((source / "state.db-wal").read_bytes()[:length] + noise)
    return home


def a_home_with_its_log(tmp_path: Path) -> tuple[Path, int]:
    """A home whose run has ended, copied before its log of writes was folded in; and where that log began."""
    home, copy = tmp_path / "home", tmp_path / "copy"
    Database(home).close()
    runs = open_runs(home)
    ask(runs)
    with runs.database.read() as connection:  # keeps the log from being folded into the file
        connection.execute(text("SELECT count(*) FROM scenario_runs")).scalar()
        begun = (home / "state.db-wal").stat().st_size
        assert go_on(runs, "first") == list(range(STEPS))
        copy.mkdir()
        for name in ("state.db", "state.db-wal"):
            shutil.copy(home / name, copy)
    runs.database.close()
    return copy, begun


def test_wherever_the_log_of_writes_ends_the_state_is_whole_and_the_run_goes_on(tmp_path: Path) -> None:
    source, begun = a_home_with_its_log(tmp_path)
    whole, chance = (source / "state.db-wal").stat().st_size, random.Random(7)
    lengths = sorted({begun, whole, *(chance.randrange(begun, whole) for _ in range(kills(25)))})
    known: list[int] = []
    for length in lengths:
        noise = chance.randbytes(chance.choice([0, 100, 5000])) if length < whole else b""
        home = cut(source, tmp_path / "cut", length, noise)
        with sqlite3.connect(home / "state.db") as plain:
            assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        plain.close()
        runs = open_runs(home)
        steps = runs.steps("r")
        finished = [s for s in steps if s.state == "DONE"]
        assert [s.position for s in steps] == list(range(len(steps))), "a later write without an earlier one"
        assert len(steps) - len(finished) in (0, 1)
        assert all(s.output == {"n": s.position} for s in finished)
        known.append(len(finished))
        if not runs.run("r").state.final:
            for hold in runs.holds():
                assert runs.requeue(hold.run, hold.owner, beats=hold.beats)
            assert go_on(runs, "second") == list(range(len(finished), STEPS))
        ended = runs.run("r")
        assert (ended.state, ended.outcome) == (RunState.DONE, Outcome.SUCCESS)
        assert [s.output for s in runs.steps("r")] == [{"n": n} for n in range(STEPS)]
        runs.database.close()
    assert known == sorted(known), "a longer log knows at least as much"
    assert known[0] == 0
    assert known[-1] == STEPS


def test_the_state_at_every_single_write_can_be_gone_on_from(tmp_path: Path) -> None:
    home, owner = tmp_path / "home", "first"
    Database(home).close()
    runs = open_runs(home)
    ask(runs)
    assert runs.claim(owner, NOW, LEASE)
    for position in range(STEPS):
        runs.save_step(a_step(position), owner=owner)
        runs.save_step(replace(a_step(position), state="DONE", outcome=Outcome.SUCCESS), owner=owner)
        there = cut(home, tmp_path / "there", (home / "state.db-wal").stat().st_size)
        left = open_runs(there)
        assert len(left.steps("r")) == position + 1, "a finished step must be there at once"
        left.requeue("r", owner)
        assert go_on(left, "second") == list(range(position + 1, STEPS))
        left.database.close()
    runs.database.close()


def test_what_is_durable_waits_for_the_disk_and_other_writes_do_not(tmp_path: Path) -> None:
    database = Database(tmp_path)
    with database.write(durable=True) as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
    with database.write() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 1
    database.close()
