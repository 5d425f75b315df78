"""Waiting for what runs on a server: look again and again, tell what is new, stop it at Ctrl-C."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from penstock.core.job import Activity, Job
from penstock.core.scenario import ScenarioRun, StepRun
from penstock.core.update import Update
from penstock.deploy.updates import judged as update_judged
from penstock.runtime.events import Event, Watch, unwatched
from penstock.runtime.jobs import judged
from penstock.runtime.scenarios import FailOn
from penstock.runtime.scenarios import judged as run_judged

LINE = re.compile(r"\S+ \[(?P<level>[A-Z]+)\] (?P<said>.*)")
"""A line of a log: moment, level, text."""
SHORTEST, LONGEST = 0.1, 1.0
"""Seconds between two looks: short at first, longer the longer it takes."""


Runs = TypeVar("Runs", Job, ScenarioRun)


class Calls(Protocol):
    """What reaches the server."""

    def call(self, verb: str, /, *arguments: Any, **settings: Any) -> Any: ...


def ended(transport: Calls, id: str, seconds: float) -> bool:
    """Whether a job has ended; waits up to so many seconds for that."""
    until = time.monotonic() + seconds
    for pause in _pauses():
        found: Job = transport.call("jobs.show", id)
        if found.state.final or time.monotonic() >= until:
            return found.state.final
        time.sleep(min(pause, max(0.0, until - time.monotonic())))
    raise AssertionError("pauses never end")


def job(transport: Calls, id: str, *, no_fail: bool = False, watch: Watch | None = None) -> Job:
    """A job once it has ended, telling what happens meanwhile. Raises JobFailed or Aborted as a build does."""
    told = _Told(transport, watch or unwatched)

    def look() -> Job:
        found: Job = transport.call("jobs.show", id)
        if watch is not None:
            told.job(found, transport.call("jobs.activities", id))
        return found

    return judged(_awaited(look, lambda: transport.call("jobs.abort", id)), no_fail)


def update(transport: Calls, id: str, *, no_fail: bool = False) -> Update:
    """An update of a deployment once it has ended. Raises Failed or Aborted unless it ended well."""
    for pause in _pauses():
        found: Update = transport.call("updates.show", id)
        if found.state.final:
            return update_judged(found, no_fail=no_fail)
        time.sleep(pause)
    raise AssertionError("pauses never end")


def run(
    transport: Calls, id: str, *, watch: Watch | None = None, work: bool = True, fail_on: FailOn = ""
) -> ScenarioRun:
    """A run once it has ended; a worker there does it. Raises RunFailed or Aborted when `fail_on` says so."""
    told = _Told(transport, watch or unwatched)

    def look() -> ScenarioRun:
        found: ScenarioRun = transport.call("scenarios.show", id)
        if watch is not None:
            told.steps(found, transport.call("scenarios.steps", id))
        return found

    return run_judged(_awaited(look, lambda: transport.call("scenarios.abort", id)), fail_on)


class _Told:
    """What was told already."""

    def __init__(self, transport: Calls, tell: Watch) -> None:
        self._transport, self._tell = transport, tell
        self._states: dict[str, str] = {}
        self._read = 0

    def job(self, job: Job, activities: list[Activity]) -> None:
        if self._is_new("", job.state):
            self._tell(Event(what="job", job=job.id, state=job.state, message=job.error))
        for row in activities:
            if self._is_new(row.recipe, f"{row.state} {row.waiting_for}"):
                said = row.error or row.waiting_for
                self._tell(
                    Event(what="activity", job=job.id, recipe=row.recipe, state=row.state, message=said)
                )
        for level, said in self._lines("logs.pieces", job.id):
            self._tell(Event(what="log", job=job.id, state=level, message=said))

    def steps(self, run: ScenarioRun, steps: list[StepRun]) -> None:
        if self._is_new("", run.state):
            self._tell(Event(what="run", run=run.id, state=run.state, message=run.message))
        for step in steps:
            if self._is_new(step.key, f"{step.state} {step.outcome}"):
                state = str(step.outcome or step.state)
                self._tell(Event(what="step", run=run.id, step=step.label, state=state, message=step.message))
        for level, said in self._lines("run_log.pieces", run.id):
            self._tell(Event(what="log", run=run.id, state=level, message=said))

    def _lines(self, verb: str, id: str) -> Iterator[tuple[str, str]]:
        """What the log holds beyond what was told: level and text of each line."""
        for piece in self._transport.call(verb, id, start=self._read):
            self._read += len(piece.encode())
            for line in piece.splitlines():
                found = LINE.fullmatch(line)
                yield (found["level"], found["said"]) if found else ("", line)

    def _is_new(self, name: str, state: str) -> bool:
        known, self._states[name] = self._states.get(name), state
        return known != state


def _awaited(look: Callable[[], Runs], abort: Callable[[], Any]) -> Runs:
    """What is looked at, once it has ended."""
    with _stopped_with_us(abort):
        for pause in _pauses():
            found = look()
            if found.state.final:
                return found
            time.sleep(pause)
    raise AssertionError("pauses never end")


@contextmanager
def _stopped_with_us(abort: Callable[[], Any]) -> Iterator[None]:
    """Ctrl-C here stops it there."""
    try:
        yield
    except KeyboardInterrupt:
        abort()
        raise


def _pauses() -> Iterator[float]:
    pause = SHORTEST
    while True:
        yield pause
        pause = min(LONGEST, pause * 1.3)
