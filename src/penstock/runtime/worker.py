"""Worker: takes runs of scenarios off the queue and brings them to their end, several at once.

Any number of workers serve one home; they meet only in the tables. What a worker does is in rows before it is done,
so that a worker may die at any moment: another one takes its runs on after the last finished step.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any

from penstock.core.errors import StateAway
from penstock.core.outcome import Outcome
from penstock.core.scenario import LEASE, RunState, ScenarioRun
from penstock.core.worker import Worker
from penstock.runtime import housekeeping, orphans, recovery, stepping, triggers
from penstock.runtime.alarm import Alarm
from penstock.runtime.lease import Lease, token

if TYPE_CHECKING:
    from penstock.core.node import Node

POLL = 0.2
"""Seconds between two looks at the queue while it is empty."""
TEND, TICK, LOOKOUT, TIDY, ALARM = 0.25, 0.5, 1.0, 60.0, 2.0
"""Seconds between two rounds of each duty."""
SIGN = 10.0
TROUBLE = 2.0
"""Seconds to wait after a duty failed, for example because the database was away."""
MOST_TAKES = 5
"""So many workers in a row may die with the same step; then the run is given up instead of killing all others."""

Execute = Callable[["Node", ScenarioRun, Lease], Any]
"""Brings a run to its end, or leaves it when its lease says so: `runtime/scenarios.py: execute`."""
Tick = Callable[["Node", datetime], Any]
"""Looks at the triggers that are due: a `Ticker` of `runtime/triggers.py`."""

log = logging.getLogger("penstock.worker")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a worker works."""

    lanes: int = 0
    """Runs at once; 0 = `limits.runs` of the node."""
    only: str = ""
    """Take this run and no other, and look at no trigger."""
    lease: timedelta = LEASE
    grace: float | None = None
    """Seconds that steps may still take when it is stopped; `worker_grace` of the node when None."""
    triggers: bool = True
    execute: Execute | None = None
    tick: Tick | None = None
    alarm: Callable[[str], None] | None = None
    """Told of project files that cannot be used."""


USUAL = Settings()


def work(
    node: Node, *, stop: threading.Event | None = None, until: Callable[[], bool] | None = None,
    settings: Settings = USUAL,
) -> None:  # fmt: skip
    """Work until somebody sets `stop`, SIGTERM or SIGINT comes, or `until()` is true.

    Then nothing new is begun; the steps that run may take `grace` seconds more, and what has not ended is handed
    back, to go on elsewhere or later. A second signal cuts the grace short.
    """
    crew = Crew(node, settings)
    stop = stop or threading.Event()
    with _signals(stop, crew.hurry), crew.on_duty():
        while not stop.is_set() and not (until and until()):
            if not crew.take():
                crew.woken.wait(POLL)
            crew.woken.clear()


@dataclass(frozen=True, slots=True)
class Lane:
    """A run while this worker has it."""

    lease: Lease
    thread: threading.Thread


@dataclass
class Crew:
    """One worker process: its lanes, and the duties beside them, each in a thread of its own."""

    node: Node
    settings: Settings = USUAL
    woken: threading.Event = field(default_factory=threading.Event)
    hurry: threading.Event = field(default_factory=threading.Event)
    _lanes: dict[str, Lane] = field(default_factory=dict)
    _off: threading.Event = field(default_factory=threading.Event)
    _signed: float = -SIGN

    def __post_init__(self) -> None:
        self._execute = self.settings.execute or stepping.execute
        self._most = self.settings.lanes or self.node.config.limits.runs
        self._worker = Worker(
            id=recovery.owner(), started_at=self.node.clock.now(), seen_at=self.node.clock.now(),
            lanes=self._most,
        )  # fmt: skip

    @contextmanager
    def on_duty(self) -> Iterator[None]:
        """Beat, watch, tick and tidy while open; afterwards no run is left in this process."""
        threads = [self._duty(round, every) for round, every in self._duties()]
        try:
            yield
        finally:
            self._leave()
            self._off.set()
            for thread in threads:
                thread.join(timeout=1)
            if not self.settings.only:
                self._guarded(partial(self.node.scenario_runs.sign_off, self._worker.id))

    def take(self) -> bool:
        """Claim a run and begin it; False when there is none or no lane is free."""
        if len(self._lanes) >= self._most:
            return False
        owner, now = token(self.node), self.node.clock.now()
        begun = time.monotonic()
        claim = partial(self.node.scenario_runs.claim, owner, now, self.settings.lease)
        run = self._guarded(lambda: claim(run=self.settings.only))
        if run is None:
            return False
        lease = Lease(node=self.node, run=run.id, owner=owner, length=self.settings.lease, beaten=begun)
        thread = threading.Thread(target=self._carry, args=(run, lease), name=f"run {run.id}", daemon=True)
        self._lanes[owner] = Lane(lease, thread)
        thread.start()
        return True

    def _carry(self, run: ScenarioRun, lease: Lease) -> None:
        """One run in its lane. The only place that catches everything: a run that fails never stops the worker."""
        try:
            if run.beats > 1:  # somebody had it before
                orphans.end_jobs(self.node, run.id)
            if run.takes > MOST_TAKES:
                _end(self.node, lease, f"{run.takes - 1} workers in a row ended during the same step.")
            else:
                self._execute(self.node, run, lease)
            self._put_down(lease)
        except StateAway:
            log.warning("Run %s is left to whoever sees the state first.", run.id, exc_info=True)
            lease.lost.set()
            self._guarded(partial(self._put_down, lease))
        except BaseException as error:
            log.exception("Run %s failed in an unexpected way.", run.id)
            self._guarded(partial(_end, self.node, lease, _told(error)))
            self._guarded(partial(self._put_down, lease))
        finally:
            self._lanes.pop(lease.owner, None)
            self.woken.set()

    def _put_down(self, lease: Lease) -> None:
        """Hand back what is still held under this claim: the run if it has not ended, and runs it waited for."""
        held = [hold.run for hold in self.node.scenario_runs.holds() if hold.owner == lease.owner]
        if lease.run in held and not lease.ends():
            _end(self.node, lease, "Penstock itself failed: it left the run before its end.")
        for run in held:
            self.node.scenario_runs.requeue(run, lease.owner)

    def _duties(self) -> list[tuple[Callable[[], Any], float]]:
        usual: list[tuple[Callable[[], Any], float]] = [(self._tend, TEND)]
        if self.settings.only:
            return usual
        lookout = orphans.Lookout(node=self.node, length=self.settings.lease)
        tick = self.settings.tick or triggers.Ticker()
        if self.settings.triggers:
            usual.append((lambda: tick(self.node, self.node.clock.now()), TICK))
        if self.settings.alarm is not None:
            usual.append((Alarm(self.node, self.settings.alarm).look, ALARM))
        return [*usual, (lookout.look, LOOKOUT), (partial(housekeeping.when_due, self.node), TIDY)]

    def _tend(self) -> None:
        for lane in tuple(self._lanes.values()):
            self._guarded(lane.lease.tend)
        if not self.settings.only and time.monotonic() - self._signed >= SIGN:
            self._signed = time.monotonic()
            self.node.scenario_runs.sign(replace(self._worker, seen_at=self.node.clock.now()))

    def _leave(self) -> None:
        """Let steps end for a while, then stop them; every run that has not ended is handed back."""
        for lane in tuple(self._lanes.values()):
            lane.lease.leaving.set()
        grace = self.node.config.worker_grace if self.settings.grace is None else self.settings.grace
        self._wait(grace, self.hurry)
        for lane in tuple(self._lanes.values()):
            lane.lease.lost.set()
        self._wait(self.node.config.abort_grace + 2, threading.Event())

    def _wait(self, seconds: float, enough: threading.Event) -> None:
        deadline = time.monotonic() + seconds
        while self._lanes and not enough.is_set() and (left := deadline - time.monotonic()) > 0:
            self.woken.wait(min(left, POLL))
            self.woken.clear()

    def _duty(self, round: Callable[[], Any], every: float) -> threading.Thread:
        def rounds() -> None:
            while not self._off.is_set():
                done = self._guarded(lambda: (round(), True))
                self._off.wait(every if done else TROUBLE)

        thread = threading.Thread(target=rounds, name=f"duty {round}", daemon=True)
        thread.start()
        return thread

    def _guarded(self, act: Callable[[], Any]) -> Any:
        """Do something that may fail for reasons outside, such as a database that is away; None then."""
        try:
            return act()
        except Exception:
            log.exception("The worker met a problem and goes on.")
            return None


def _end(node: Node, lease: Lease, why: str) -> None:
    """End a run that cannot be executed as FAILED, with the step that was in progress."""
    now = node.clock.now()
    for step in node.scenario_runs.steps(lease.run):
        if step.state == "RUNNING":
            ended = replace(step, state="DONE", outcome=Outcome.FAILED, message=why, ended_at=now)
            node.scenario_runs.save_step(ended, owner=lease.owner)
    run = node.scenario_runs.run(lease.run)
    ended_run = replace(run, state=RunState.DONE, outcome=Outcome.FAILED, message=why, ended_at=now)
    node.scenario_runs.save(ended_run, owner=lease.owner)


def _told(error: BaseException) -> str:
    (line,) = traceback.format_exception_only(type(error), error)[-1:]
    return f"Penstock itself failed: {line.strip()}"


@contextmanager
def _signals(stop: threading.Event, hurry: threading.Event) -> Iterator[None]:
    """SIGTERM and SIGINT ask to stop, the second time to hurry. Only a main thread can listen to them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def asked(number: int, frame: FrameType | None) -> None:
        (hurry if stop.is_set() else stop).set()

    before = {number: signal.signal(number, asked) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
