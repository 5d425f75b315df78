"""`penstock home status`: what lies on the disk, what waits, who works."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from penstock.core.node import Node
from penstock.core.scenario import LEASE, RunState, ScenarioRun
from penstock.core.worker import Worker
from penstock.runtime import home, housekeeping, recovery
from penstock.testing import a_node, a_project


def a_run(node: Node, id: str) -> ScenarioRun:
    return ScenarioRun(
        id=id, project="P", scenario=id, definition={}, state=RunState.QUEUED, asked_at=node.clock.now(),
        asked_by="eva", run_as="eva",
    )  # fmt: skip


@pytest.mark.sqlite
def test_disk_use_is_told_by_part_and_adds_up(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    for part, size in {"data/P": 3000, "blobs/ab": 500, "logs/P": 70, "run": 9}.items():
        folder = node.config.home / part
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "file").write_bytes(b"x" * size)
    node.runs.jobs()
    status = home.status(node)
    assert (status.disk["data"], status.disk["blobs"], status.disk["logs"]) == (3000, 500, 70)
    assert status.disk["projects"] > 100
    assert status.disk["database"] > 4096
    assert status.disk["other"] >= 9
    everything = sum(p.stat().st_size for p in node.config.home.rglob("*") if p.is_file())
    assert abs(status.total - everything) < 100_000
    assert status.counts == {"projects": 1, "jobs": 0, "runs": 0}


def test_runs_that_wait_while_nobody_works_are_a_problem_that_is_said(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    assert home.status(node).problem == ""
    for id in ("a", "b", "c"):
        node.scenario_runs.ask(a_run(node, id))
    node.scenario_runs.claim("w", node.clock.now(), LEASE)
    status = home.status(node)
    assert (status.queued, status.running, status.counts["runs"]) == (2, 1, 3)
    assert status.problem == "2 runs wait and nobody works. Start a worker: penstock work."
    now = node.clock.now()
    node.scenario_runs.sign(Worker(id=recovery.owner(), started_at=now, seen_at=now, lanes=4))
    assert home.status(node).problem == ""


def test_only_workers_that_live_are_counted(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    now = node.clock.now()
    alive = Worker(id=recovery.owner(), started_at=now, seen_at=now - timedelta(hours=1), lanes=4)
    elsewhere = replace(alive, id="elsewhere:1:2", seen_at=now)
    silent = replace(elsewhere, id="silent:1:2", seen_at=now - timedelta(hours=1))
    dead = replace(alive, id=":".join([*recovery.owner().split(":")[:2], "1.00"]), seen_at=now)
    for worker in (alive, elsewhere, silent, dead):
        node.scenario_runs.sign(worker)
    assert {w.id for w in home.status(node).workers} == {alive.id, elsewhere.id}


def test_when_old_things_were_last_removed_is_told(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    assert home.status(node).tidied_at is None
    housekeeping.when_due(node)
    told = home.status(node).tidied_at
    assert told is not None
    assert node.clock.now() - told < timedelta(minutes=5)
