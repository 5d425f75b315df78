"""A process killed with SIGKILL in the middle of a build: nothing is lost, nothing is half-written."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from penstock.core.job import JobState
from penstock.core.node import Node
from penstock.runtime import jobs, recovery
from tests.runtime.stage import Do, a_node, rows

from .victim import the_project

ROOT = Path(__file__).parent.parent.parent
VICTIM = [sys.executable, "-m", "tests.chaos.victim"]

pytestmark = pytest.mark.chaos


@pytest.fixture
def acts() -> Iterator[dict[str, Any]]:
    yield Do.ACTS
    Do.ACTS.clear()


@contextmanager
def killed_while_writing(tmp_path: Path, how: str) -> Iterator[subprocess.Popen[str]]:
    """Run a build in another process until it is in the middle of it, and kill that process."""
    with subprocess.Popen(
        [*VICTIM, str(tmp_path), how], cwd=ROOT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as victim:  # fmt: skip
        assert victim.stdout is not None
        assert victim.stdout.readline() == "writing\n"
        yield victim
        victim.kill()
        victim.wait()


def half_written(node: Node) -> list[Path]:
    return [p for p in (node.config.home / "data").rglob(".*") if p.is_dir()]


def built(tmp_path: Path, acts: dict[str, Any]) -> Node:
    acts["write"] = lambda ctx: ctx.write("b", pa.table({"n": [1]}))
    node = a_node(tmp_path, the_project())
    assert jobs.build(node, "P", ["c"]).state is JobState.DONE
    return node


def test_old_data_stays_readable_and_the_next_build_completes(tmp_path: Path, acts: dict[str, Any]) -> None:
    node = built(tmp_path, acts)
    with killed_while_writing(tmp_path, "half_written"):
        assert half_written(node)
        assert rows(node, "b") == [{"n": 1}]
    (orphan,) = node.runs.jobs("P", state="RUNNING")
    assert rows(node, "b") == rows(node, "c") == [{"n": 1}]

    again = a_node(tmp_path, the_project())
    acts["write"] = lambda ctx: ctx.write("b", pa.table({"n": [3]}))
    job = jobs.build(again, "P", ["c"])
    assert [a.recipe for a in again.runs.activities(job.id)] == ["copy", "last"]
    assert rows(again, "c") == [{"n": 3}]
    ended = again.runs.job(orphan.id)
    assert (ended.state, ended.error_code) == (JobState.FAILED, "process-ended")
    assert half_written(again) == []
    assert list((again.config.home / "work").glob("*")) == []


def test_killed_between_the_swap_and_the_end_counts_as_failed_and_is_built_again(
    tmp_path: Path, acts: dict[str, Any]
) -> None:  # fmt: skip
    built(tmp_path, acts)
    with killed_while_writing(tmp_path, "half_swapped"):
        pass
    node = a_node(tmp_path, the_project())
    assert rows(node, "b") == [{"n": 2}]
    recovery.recover(node)
    made = jobs.preview(node, "P", ["c"])
    assert (made.activities[0].recipe, made.activities[0].reason) == ("copy", "last build failed")
    acts["write"] = lambda ctx: ctx.write("b", pa.table({"n": [3]}))
    jobs.build(node, "P", ["c"])
    assert rows(node, "c") == [{"n": 3}]


def test_an_object_claimed_by_a_killed_process_is_free_at_once_for_a_job_that_waits(
    tmp_path: Path, acts: dict[str, Any]
) -> None:  # fmt: skip
    node = built(tmp_path, acts)
    with killed_while_writing(tmp_path, "half_written"):
        waiting = jobs.start(node, "P", ["b"], "only")
        for _ in range(2000):
            if any("is being built by job" in a.waiting_for for a in node.runs.activities(waiting.job.id)):
                break
            node.runs.abort_requested(waiting.job.id)
        else:
            raise AssertionError("it never waited")
    assert waiting.wait().state is JobState.DONE


def test_a_build_interrupted_at_the_keyboard_ends_aborted(tmp_path: Path, acts: dict[str, Any]) -> None:
    node = built(tmp_path, acts)
    with killed_while_writing(tmp_path, "patient") as victim:
        victim.send_signal(signal.SIGINT)
        assert victim.wait(timeout=60) != 0
    newest = node.runs.jobs("P")[0]
    assert newest.state is JobState.ABORTED
    assert rows(node, "b") == [{"n": 1}]
    assert half_written(node) == []


@pytest.mark.requirement("A34")
def test_processes_that_build_the_same_object_take_turns(tmp_path: Path, acts: dict[str, Any]) -> None:
    node = built(tmp_path, acts)
    (node.data.folder("P", "inside") / "count").write_text("0")
    command = [*VICTIM, str(tmp_path), "alone"]
    processes = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [(p.communicate()[1], p.returncode) for p in processes] == [("", 0)] * 3
    assert (node.data.folder("P", "inside") / "count").read_text() == "3"
    assert {j.state for j in node.runs.jobs("P")} == {JobState.DONE}
    assert rows(node, "c") == [{"n": 2}]
