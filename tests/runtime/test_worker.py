"""Workers: every run is carried to its end by exactly one, whatever happens to the others."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from penstock.core.errors import Invalid
from penstock.core.job import BuildMode, Job, JobState
from penstock.core.node import Node
from penstock.core.outcome import Outcome
from penstock.core.scenario import LEASE, RunState, ScenarioRun, StepRun
from penstock.runtime import orphans, recovery, worker
from penstock.runtime.lease import Lease, token
from penstock.runtime.worker import Settings
from penstock.testing import a_node

SECOND = timedelta(seconds=1)


def asked(node: Node, id: str = "r", **fields: Any) -> ScenarioRun:
    usual = {"project": "P", "scenario": id, "definition": {}, "asked_by": "eva", "run_as": "eva"}
    return node.scenario_runs.ask(
        ScenarioRun(id=id, state=RunState.QUEUED, asked_at=node.clock.now(), **{**usual, **fields})
    )


def ends_well(node: Node, run: ScenarioRun, lease: Lease) -> None:
    ended = replace(run, state=RunState.DONE, outcome=Outcome.SUCCESS, ended_at=node.clock.now())
    assert node.scenario_runs.save(ended, owner=lease.owner)


def work(
    node: Node, execute: worker.Execute = ends_well, *, until: str | None = "r", **settings: Any
) -> None:
    """Work until a run has ended; give up after a minute."""
    stop = threading.Event()
    deadline = threading.Timer(60, stop.set)
    deadline.start()
    over = (lambda: node.scenario_runs.run(until).state.final) if until else (lambda: not waiting(node))
    usual = {"grace": 0.0, "triggers": False}
    worker.work(node, stop=stop, until=over, settings=Settings(execute=execute, **{**usual, **settings}))
    deadline.cancel()
    assert not stop.is_set(), "it never ended"


def waiting(node: Node) -> list[ScenarioRun]:
    return node.scenario_runs.runs(finished=False)


def wait_for(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


def in_background(
    node: Node, stop: threading.Event, execute: worker.Execute, **settings: Any
) -> threading.Thread:
    chosen = Settings(execute=execute, **{"triggers": False, "grace": 0.0, **settings})
    thread = threading.Thread(target=worker.work, args=(node,), kwargs={"stop": stop, "settings": chosen})
    thread.start()
    return thread


def a_dead_process() -> str:
    """host:pid:start of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        mark = f"{socket.gethostname()}:{child.pid}:{psutil.Process(child.pid).create_time():.2f}"
        child.kill()
    return mark


def test_every_run_is_carried_to_its_end_by_one_worker(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    for n in range(6):
        asked(node, f"r{n}")
    done: list[str] = []

    def execute(node: Node, run: ScenarioRun, lease: Lease) -> None:
        done.append(run.id)
        ends_well(node, run, lease)

    stop = threading.Event()
    threads = [in_background(node, stop, execute) for _ in range(3)]
    wait_for(lambda: not waiting(node))
    stop.set()
    for thread in threads:
        thread.join()
    assert sorted(done) == [f"r{n}" for n in range(6)]
    assert {run.outcome for run in node.scenario_runs.runs()} == {Outcome.SUCCESS}


def test_a_worker_does_several_runs_at_once_and_no_more_than_its_lanes(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    for n in range(4):
        asked(node, f"r{n}")
    together, inside, most = threading.Barrier(2), [], []

    def execute(node: Node, run: ScenarioRun, lease: Lease) -> None:
        inside.append(run.id)
        most.append(len(inside))
        together.wait(timeout=30)
        inside.remove(run.id)
        ends_well(node, run, lease)

    work(node, execute, until=None, lanes=2)
    assert max(most) == 2


def test_a_bug_in_one_run_ends_that_run_with_its_step_and_the_worker_goes_on(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    asked(node, "bad")
    asked(node, "good")

    def execute(node: Node, run: ScenarioRun, lease: Lease) -> None:
        if run.id == "bad":
            node.scenario_runs.save_step(a_step("bad"), owner=lease.owner)
            raise ZeroDivisionError("by a bug")
        ends_well(node, run, lease)

    work(node, execute, until=None)
    bad, good = (node.scenario_runs.run(id) for id in ("bad", "good"))
    assert (good.outcome, bad.outcome, bad.state) == (Outcome.SUCCESS, Outcome.FAILED, RunState.DONE)
    assert bad.message == "Penstock itself failed: ZeroDivisionError: by a bug"
    (step,) = node.scenario_runs.steps("bad")
    assert (step.state, step.outcome, step.message) == ("DONE", Outcome.FAILED, bad.message)


def test_a_run_that_is_left_without_an_end_is_ended(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    asked(node)
    work(node, lambda node, run, lease: None)
    assert node.scenario_runs.run("r").outcome is Outcome.FAILED


def a_step(run: str = "r", **fields: Any) -> StepRun:
    usual = {"position": 0, "label": "a", "type": "sql", "state": "RUNNING", "why": "It runs.", "attempts": 1}
    return StepRun(run=run, **{**usual, **fields})


def claimed_by(node: Node, owner: str, id: str = "r") -> ScenarioRun:
    asked(node, id)
    taken = node.scenario_runs.claim(owner, node.clock.now(), LEASE, run=id)
    assert taken is not None
    return taken


def test_a_run_of_a_dead_process_goes_on_at_once_and_its_steps_are_known(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    claimed_by(node, f"{a_dead_process()}/abc")
    node.scenario_runs.save_step(a_step(), owner=node.scenario_runs.run("r").owner)
    seen: list[StepRun] = []

    def execute(node: Node, run: ScenarioRun, lease: Lease) -> None:
        seen.extend(node.scenario_runs.steps(run.id))
        ends_well(node, run, lease)

    begun = time.monotonic()
    work(node, execute)
    assert seen == [a_step()]
    assert time.monotonic() - begun < 15


def test_a_run_of_a_silent_worker_of_another_host_goes_on_when_its_lease_has_run_out(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    claimed_by(node, "elsewhere:1:2/abc")
    lookout = orphans.Lookout(node=node, length=0.3 * SECOND)
    assert lookout.look() == []
    wait_for(lambda: lookout.look() == ["r"])
    assert node.scenario_runs.run("r").state is RunState.QUEUED


def test_a_run_is_taken_on_within_thirty_seconds() -> None:
    assert LEASE.total_seconds() + worker.LOOKOUT + 2 * worker.POLL < 30


def test_a_sign_of_life_from_another_host_keeps_its_run_there(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    claimed_by(node, "elsewhere:1:2/abc")
    lookout = orphans.Lookout(node=node, length=0.3 * SECOND)
    until = time.monotonic() + 1
    while time.monotonic() < until:
        node.scenario_runs.heartbeat("r", "elsewhere:1:2/abc", node.clock.now())
        assert lookout.look() == []
        time.sleep(0.05)


def test_a_living_worker_keeps_a_run_that_takes_much_longer_than_a_lease(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    asked(node)
    others, release = orphans.Lookout(node=node, length=0.8 * SECOND), threading.Event()
    taken: list[list[str]] = []

    def execute(node: Node, run: ScenarioRun, lease: Lease) -> None:
        until = time.monotonic() + 2.5
        while time.monotonic() < until:
            taken.append(others.look())
            release.wait(0.05)
        assert not lease.gone()
        ends_well(node, run, lease)

    work(node, execute, lease=0.8 * SECOND)
    assert not any(taken)
    assert node.scenario_runs.run("r").outcome is Outcome.SUCCESS


def test_a_worker_that_lost_its_run_is_told_and_nothing_it_writes_arrives(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    asked(node)
    calls: list[str] = []

    def execute(node: Node, run: ScenarioRun, lease: Lease) -> None:
        calls.append(lease.owner)
        if len(calls) > 1:
            return ends_well(node, run, lease)
        assert node.scenario_runs.requeue(run.id, lease.owner)
        wait_for(lease.should_stop)
        assert lease.ends()
        assert not node.scenario_runs.save_step(a_step(), owner=lease.owner)
        return None

    work(node, execute, lease=0.8 * SECOND)
    assert len(set(calls)) == 2
    assert node.scenario_runs.run("r").outcome is Outcome.SUCCESS


def test_a_worker_that_cannot_give_signs_of_life_stops_by_itself(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    taken = claimed_by(node, token(node))
    lease = Lease(node=node, run="r", owner=taken.owner, length=0.1 * SECOND)
    assert not lease.gone()
    wait_for(lease.gone)
    assert lease.should_stop()
    assert lease.ends()
    assert not lease.aborted.is_set()


@pytest.mark.requirement("A90")
def test_a_request_to_stop_reaches_the_worker(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    asked(node)

    def execute(node: Node, run: ScenarioRun, lease: Lease) -> None:
        assert node.scenario_runs.request_abort(run.id)
        wait_for(lease.should_stop)
        assert lease.aborted.is_set()
        assert not lease.ends()
        ends_well(node, replace(run, message="stopped"), lease)

    work(node, execute)
    assert node.scenario_runs.run("r").message == "stopped"


def test_when_a_worker_is_stopped_the_step_ends_and_the_rest_is_handed_back(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    asked(node)
    stop, inside = threading.Event(), threading.Event()

    def execute(node: Node, run: ScenarioRun, lease: Lease) -> None:
        inside.set()
        wait_for(lease.leaving.is_set)
        assert not lease.should_stop()
        assert lease.ends()
        assert node.scenario_runs.save_step(a_step(state="DONE"), owner=lease.owner)

    thread = in_background(node, stop, execute, grace=30.0)
    assert inside.wait(30)
    stop.set()
    thread.join()
    back = node.scenario_runs.run("r")
    assert (back.state, back.owner) == (RunState.QUEUED, "")
    assert [s.state for s in node.scenario_runs.steps("r")] == ["DONE"]
    work(node)
    assert node.scenario_runs.run("r").outcome is Outcome.SUCCESS


def test_a_step_that_takes_longer_than_the_grace_is_stopped_and_its_run_handed_back(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    asked(node)
    stop, inside = threading.Event(), threading.Event()

    def execute(node: Node, run: ScenarioRun, lease: Lease) -> None:
        inside.set()
        wait_for(lease.should_stop)

    thread = in_background(node, stop, execute, grace=0.1)
    assert inside.wait(30)
    stop.set()
    thread.join()
    assert node.scenario_runs.run("r").state is RunState.QUEUED
    assert node.scenario_runs.workers() == []


def test_runs_that_a_step_waited_for_are_handed_back_with_their_parent(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    asked(node)
    stop, inside = threading.Event(), threading.Event()

    def execute(node: Node, run: ScenarioRun, lease: Lease) -> None:
        asked(node, "child", parent=run.id, parent_step="0/1")
        assert node.scenario_runs.claim(lease.owner, node.clock.now(), LEASE, run="child")
        inside.set()
        wait_for(lease.ends)

    thread = in_background(node, stop, execute, lanes=1)
    assert inside.wait(30)
    stop.set()
    thread.join()
    assert {run.state for run in node.scenario_runs.runs()} == {RunState.QUEUED}


def test_a_step_that_kills_its_workers_is_given_up(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    asked(node)
    for _ in range(worker.MOST_TAKES):
        taken = node.scenario_runs.claim(token(node), node.clock.now(), LEASE)
        assert taken is not None
        node.scenario_runs.save_step(a_step(), owner=taken.owner)
        node.scenario_runs.requeue("r", taken.owner, beats=taken.beats)
    work(node)
    run = node.scenario_runs.run("r")
    assert (run.outcome, run.message) == (Outcome.FAILED, "5 workers in a row ended during the same step.")


def test_an_orphaned_job_is_ended_before_its_run_goes_on(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    dead = a_dead_process()
    claimed_by(node, f"{dead}/abc")
    job = Job(
        id="j", project="P", mode=BuildMode.REQUIRED, targets=("a",), initiator="eva", created_at=node.clock.now(),
        state=JobState.RUNNING, owner=dead, scenario_run="r",
    )  # fmt: skip
    node.runs.add_job(job)
    states: list[JobState] = []

    def execute(node: Node, run: ScenarioRun, lease: Lease) -> None:
        states.append(node.runs.job("j").state)
        ends_well(node, run, lease)

    work(node, execute)
    assert states == [JobState.FAILED]


def test_a_job_of_a_worker_that_lives_and_lost_its_run_is_asked_to_stop(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    asked(node)
    job = Job(
        id="j", project="P", mode=BuildMode.REQUIRED, targets=("a",), initiator="eva", created_at=node.clock.now(),
        state=JobState.RUNNING, owner=recovery.owner(), scenario_run="r",
    )  # fmt: skip
    node.runs.add_job(job)
    orphans.end_jobs(node, "r")
    assert node.runs.abort_requested("j")
    assert node.runs.job("j").state is JobState.RUNNING


def test_a_worker_can_be_told_to_take_one_run_only(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    asked(node, "other")
    asked(node, "mine")
    work(node, until="mine", only="mine")
    assert node.scenario_runs.run("other").state is RunState.QUEUED


def test_triggers_are_looked_at_with_the_clock_of_the_node(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    asked_at: list[datetime] = []

    def tick(node: Node, now: datetime) -> None:
        if not asked_at:
            asked(node)
        asked_at.append(now)

    stop = threading.Event()
    thread = in_background(node, stop, ends_well, triggers=True, tick=tick)
    wait_for(lambda: node.scenario_runs.runs(finished=True))
    stop.set()
    thread.join()
    assert abs(asked_at[0] - datetime.now(UTC)) < 30 * SECOND


def test_a_duty_that_fails_does_not_stop_the_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "TROUBLE", 0.01)
    node = a_node(tmp_path)
    rounds: list[int] = []

    def tick(node: Node, now: datetime) -> None:
        rounds.append(1)
        if len(rounds) == 3:
            asked(node)
        raise Invalid("a broken trigger")

    stop = threading.Event()
    thread = in_background(node, stop, ends_well, triggers=True, tick=tick)
    wait_for(lambda: node.scenario_runs.runs(finished=True))
    stop.set()
    thread.join()


def test_a_run_begins_within_half_a_second(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    begun, stop = threading.Event(), threading.Event()

    def execute(node: Node, run: ScenarioRun, lease: Lease) -> None:
        begun.set()
        ends_well(node, run, lease)

    thread = in_background(node, stop, execute)
    wait_for(node.scenario_runs.workers)
    took = [60.0]
    while min(took) >= 0.5 and len(took) < 20:
        begun.clear()
        at = time.monotonic()
        asked(node, f"r{len(took)}")
        assert begun.wait(30)
        took.append(time.monotonic() - at)
    stop.set()
    thread.join()
    assert min(took) < 0.5, "others work on this machine too: one calm moment is enough"


def test_a_worker_signs_in_while_it_works_and_off_when_it_goes(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    stop = threading.Event()
    thread = in_background(node, stop, ends_well, lanes=3)
    wait_for(node.scenario_runs.workers)
    (one,) = node.scenario_runs.workers()
    stop.set()
    thread.join()
    assert (one.id, one.lanes) == (recovery.owner(), 3)
    assert node.scenario_runs.workers() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_a_worker_and_what_it_did_is_handed_back(
    tmp_path: Path, number: signal.Signals
) -> None:
    node = a_node(tmp_path)
    asked(node)
    handler = signal.getsignal(number)

    def execute(node: Node, run: ScenarioRun, lease: Lease) -> None:
        os.kill(os.getpid(), number)
        wait_for(lease.ends)

    worker.work(node, settings=Settings(execute=execute, triggers=False, grace=5.0))
    assert node.scenario_runs.run("r").state is RunState.QUEUED
    assert signal.getsignal(number) is handler
