"""The clock of the machine jumps: no run is taken twice, none is forgotten."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from penstock.core.node import Node
from penstock.core.outcome import Outcome
from penstock.core.scenario import LEASE, RunState, ScenarioRun
from penstock.runtime import orphans, worker
from penstock.runtime.lease import Lease
from penstock.runtime.worker import Settings
from penstock.store.clock import SystemClock
from penstock.testing import a_node

pytestmark = pytest.mark.chaos
DAY = timedelta(days=1)
SHORT = timedelta(seconds=1.5)


class JumpyClock(SystemClock):
    """The computer's clock, set forwards and backwards by whoever likes."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


def a_node_with(clock: SystemClock, tmp_path: Path) -> Node:
    return replace(a_node(tmp_path), clock=clock)


def asked(node: Node, id: str) -> None:
    node.scenario_runs.ask(ScenarioRun(
        id=id, project="P", scenario=id, definition={}, state=RunState.QUEUED, asked_at=node.clock.now(),
        asked_by="eva", run_as="eva",
    ))  # fmt: skip


def workers(node: Node, execute: worker.Execute, count: int, stop: threading.Event) -> list[threading.Thread]:
    settings = Settings(execute=execute, lease=SHORT, triggers=False, grace=0.0, lanes=2)
    words: dict[str, Any] = {"stop": stop, "settings": settings}
    threads = [threading.Thread(target=worker.work, args=(node,), kwargs=words) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


def wait_for(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def test_while_the_clock_jumps_every_run_is_done_once_and_none_is_lost(tmp_path: Path) -> None:
    clock, chance = JumpyClock(), random.Random(3)
    node, begun = a_node_with(clock, tmp_path), Counter[str]()

    def execute(node: Node, run: ScenarioRun, lease: Lease) -> None:
        begun[run.id] += 1
        until = time.monotonic() + 3  # much longer than a lease
        while time.monotonic() < until and not lease.should_stop():
            clock.ahead = chance.choice([-400, -1, 0, 1, 400]) * DAY
            time.sleep(0.02)
        assert not lease.gone()
        ended = replace(run, state=RunState.DONE, outcome=Outcome.SUCCESS, ended_at=node.clock.now())
        assert node.scenario_runs.save(ended, owner=lease.owner)

    ids = [f"r{n}" for n in range(6)]
    for id in ids:
        clock.ahead = chance.choice([-400, 0, 400]) * DAY
        asked(node, id)
    stop = threading.Event()
    threads = workers(node, execute, 3, stop)
    wait_for(lambda: not node.scenario_runs.runs(finished=False))
    stop.set()
    for thread in threads:
        thread.join()
    assert begun == dict.fromkeys(ids, 1)
    assert {run.outcome for run in node.scenario_runs.runs()} == {Outcome.SUCCESS}


@pytest.mark.parametrize("jump", [-400 * DAY, 400 * DAY])
def test_a_run_whose_worker_died_before_the_clock_jumped_goes_on(tmp_path: Path, jump: timedelta) -> None:
    clock = JumpyClock()
    node = a_node_with(clock, tmp_path)
    asked(node, "r")
    assert node.scenario_runs.claim("elsewhere:1:2/x", clock.now(), LEASE)
    clock.ahead = jump

    def execute(node: Node, run: ScenarioRun, lease: Lease) -> None:
        node.scenario_runs.save(replace(run, state=RunState.DONE, outcome=Outcome.SUCCESS), owner=lease.owner)

    stop = threading.Event()
    (thread,) = workers(node, execute, 1, stop)
    wait_for(lambda: node.scenario_runs.run("r").state.final)
    stop.set()
    thread.join()


@pytest.mark.parametrize("jump", [-400 * DAY, 400 * DAY])
def test_a_clock_that_jumps_takes_no_run_from_a_worker_that_gives_signs_of_life(
    tmp_path: Path, jump: timedelta
) -> None:
    clock = JumpyClock()
    node = a_node_with(clock, tmp_path)
    asked(node, "r")
    assert node.scenario_runs.claim("elsewhere:1:2/x", clock.now(), LEASE)
    lookout = orphans.Lookout(node=node, length=SHORT)
    clock.ahead = jump
    until = time.monotonic() + 2 * SHORT.total_seconds()
    while time.monotonic() < until:
        assert lookout.look() == []
        assert node.scenario_runs.claim("somebody", clock.now(), LEASE) is None
        assert node.scenario_runs.heartbeat("r", "elsewhere:1:2/x", clock.now() + SHORT)
        time.sleep(0.02)
