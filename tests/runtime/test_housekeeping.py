from __future__ import annotations

import os
from pathlib import Path

from penstock.core.scenario import RunState, ScenarioRun
from penstock.core.worker import Worker
from penstock.runtime import housekeeping, jobs, logs, recovery
from penstock.store.disk import this_process

from .stage import a_node, a_project, do

DEAD = this_process().replace("-", "-1", 1)
"""A mark of this host whose process began at another time than the one that has its number now."""


def test_logs_beyond_the_settings_go_and_their_jobs_stay_listed(tmp_path: Path) -> None:
    node = a_node(tmp_path, a_project({"make": do("", "a")}), logs_kept=1)
    old, new = (jobs.build(node, "P", ["a"], "only") for _ in range(2))
    assert logs.read(node, old.id) != ""
    assert housekeeping.tidy(node).logs == 1
    assert logs.read(node, old.id) == ""
    assert logs.read(node, new.id) != ""
    assert len(jobs.history(node, "P")) == 2


def test_it_happens_once_a_day(tmp_path: Path) -> None:
    node = a_node(tmp_path, a_project({"make": do("", "a")}), logs_kept=1)
    for _ in range(3):
        jobs.build(node, "P", ["a"], "only")
    mark = node.config.home / "run" / "tidied"
    assert housekeeping.when_due(node) == 0
    os.utime(mark, (1, 1))
    assert housekeeping.when_due(node) == 2


def test_private_folders_of_the_dead_go_after_a_day(tmp_path: Path) -> None:
    node = a_node(tmp_path, a_project({"make": do("", "a")}))
    old, fresh = (node.config.home / "work" / name for name in ("read-1-old", "read-1-fresh"))
    for folder in (old, fresh):
        folder.mkdir(parents=True)
    os.utime(old, (1, 1))
    housekeeping.tidy(node)
    assert (old.exists(), fresh.exists()) == (False, True)


def test_ended_jobs_and_runs_beyond_the_settings_are_dropped_and_nothing_becomes_out_of_date(
    tmp_path: Path,
) -> None:
    node = a_node(tmp_path, a_project({"make": do("", "a")}), jobs_kept=1, runs_kept=1)
    for n in range(3):
        job = jobs.build(node, "P", ["a"], "only")
        missed = ScenarioRun(
            id=f"r{n}", project="P", scenario="s", definition={}, state=RunState.MISSED,
            asked_at=node.clock.now(), asked_by="eva", run_as="eva",
        )  # fmt: skip
        node.scenario_runs.save(missed)
    found = housekeeping.tidy(node)
    assert (found.runs, found.jobs) == (2, 2)
    assert [kept.id for kept in jobs.history(node, "P")] == [job.id]
    assert [run.id for run in node.scenario_runs.runs()] == ["r2"]
    assert jobs.preview(node, "P", ["a"]).activities == ()


def test_what_dead_processes_left_half_written_and_workers_that_died_are_removed(tmp_path: Path) -> None:
    node = a_node(tmp_path, a_project({"make": do("", "a")}))
    left = node.config.home / "blobs" / ".incoming" / f"0123-{DEAD}"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    now = node.clock.now()
    gone = ":".join([*recovery.owner().split(":")[:2], "1.00"])
    for id in (gone, recovery.owner()):
        node.scenario_runs.sign(Worker(id=id, started_at=now, seen_at=now, lanes=1))
    housekeeping.tidy(node)
    assert not left.exists()
    assert [w.id for w in node.scenario_runs.workers()] == [recovery.owner()]


def test_logs_of_runs_that_are_no_longer_kept_go_after_a_day(tmp_path: Path) -> None:
    node = a_node(tmp_path, a_project({"make": do("", "a")}))
    missed = ScenarioRun(
        id="kept", project="P", scenario="s", definition={}, state=RunState.MISSED,
        asked_at=node.clock.now(), asked_by="eva", run_as="eva",
    )  # fmt: skip
    node.scenario_runs.save(missed)
    logs = node.scenario_runs.log_path("kept").parent
    lost, fresh = logs.with_name("lost"), logs.with_name("fresh")
    for folder in (lost, fresh):
        folder.mkdir()
    for folder in (logs, lost):
        os.utime(folder, (1, 1))
    assert housekeeping.tidy(node).left_overs == 1
    assert [folder.exists() for folder in (logs, lost, fresh)] == [True, False, True]
