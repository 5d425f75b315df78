from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from penstock.core.job import Activity, ActivityState, BuildMode, Job, JobState
from penstock.core.node import Node
from penstock.runtime import jobs, recovery

from .stage import a_node, a_project, do, fill, rows


def dead_owner() -> str:
    """The mark of a process that has ended."""
    code = "from penstock.runtime import recovery; print(recovery.owner())"
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.strip()


def left_running(node: Node, owner: str, id: str = "build_a_NP_dead") -> Job:
    """A job as a killed process leaves it: rows, a claim, a half-written folder."""
    now = node.clock.now() - timedelta(hours=1)
    job = Job(
        id=id, project="P", mode=BuildMode.REQUIRED, targets=("b",), initiator="ann", created_at=now,
        state=JobState.RUNNING, owner=owner,
    )  # fmt: skip
    running = Activity(
        job=id, recipe="make", position=0, outputs=("a",), reason="never built", state=ActivityState.RUNNING
    )
    node.runs.add_job(job, [running, Activity(job=id, recipe="copy", position=1, outputs=("b",), reason="x")])
    node.runs.claim("P", ["a", "b"], id)
    return job


def staged(tmp_path: Path) -> Node:
    node = a_node(tmp_path, a_project({"make": do("", "a"), "copy": do("a", "b")}))
    fill(node, "a")
    return node


def test_a_job_of_a_dead_process_is_failed_and_frees_what_it_held(tmp_path: Path) -> None:
    node = staged(tmp_path)
    job = left_running(node, dead_owner())
    assert [j.id for j in recovery.recover(node)] == [job.id]
    ended = node.runs.job(job.id)
    assert (ended.state, ended.error_code) == (JobState.FAILED, "process-ended")
    assert "process" in ended.error
    assert [(a.recipe, str(a.state)) for a in node.runs.activities(job.id)] == [
        ("make", "FAILED"), ("copy", "SKIPPED"),
    ]  # fmt: skip
    assert node.runs.claim("P", ["a", "b"], "another") == {}
    assert rows(node, "a") == [{"n": 1}]
    assert recovery.recover(node) == []


def test_the_interrupted_output_counts_as_a_failed_build(tmp_path: Path) -> None:
    node = staged(tmp_path)
    jobs.build(node, "P", ["b"])
    left_running(node, dead_owner())
    recovery.recover(node)
    assert jobs.preview(node, "P", ["b"]).activities[0].reason == "last build failed"


def test_the_next_build_recovers_by_itself_and_completes(tmp_path: Path) -> None:
    node = staged(tmp_path)
    job = left_running(node, dead_owner())
    assert jobs.build(node, "P", ["b"]).state is JobState.DONE
    assert node.runs.job(job.id).state is JobState.FAILED


def test_a_running_job_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    node = staged(tmp_path)
    job = left_running(node, recovery.owner())
    assert recovery.recover(node) == []
    with subprocess.Popen(
        [sys.executable, "-c", "from penstock.runtime import recovery as r; print(r.owner(), flush=True); input()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        node.runs.update_job(replace(job, owner=other.stdout.readline().strip()))
        assert recovery.recover(node) == []
        other.communicate("\n")
    assert [j.id for j in recovery.recover(node)] == [job.id]


def test_a_process_number_used_again_does_not_keep_a_job_alive(tmp_path: Path) -> None:
    node = staged(tmp_path)
    host, _, _ = recovery.owner().rsplit(":", 2)
    left_running(node, f"{host}:{os.getpid()}:1.00")
    assert len(recovery.recover(node)) == 1


@pytest.mark.parametrize(("silent", "dead"), [(timedelta(seconds=5), 0), (timedelta(minutes=5), 1)])
def test_a_job_of_another_host_is_dead_when_it_is_silent(
    tmp_path: Path, silent: timedelta, dead: int
) -> None:
    node = staged(tmp_path)
    job = left_running(node, "elsewhere:1:1.00")
    node.runs.heartbeat(job.id, node.clock.now() - silent)
    assert len(recovery.recover(node)) == dead
