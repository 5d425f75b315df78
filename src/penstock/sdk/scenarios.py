"""Scenarios of a project seen from outside: run them, wait, look at what they did, at their triggers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from penstock.core.outcome import Outcome
from penstock.sdk.items import Part, Transport

if TYPE_CHECKING:
    from penstock.core.rehearsal import Rehearsed
    from penstock.core.scenario import RunState, ScenarioRun, StepRun
    from penstock.core.scenario import Scenario as Definition

FailOn = Literal["FAILED", "WARNING", ""]


class Run:
    """One run of a scenario, as it was when somebody last looked; `refresh()` looks again."""

    def __init__(self, transport: Transport, record: ScenarioRun) -> None:
        self._transport, self.record = transport, record

    def __repr__(self) -> str:
        return f"Run({self.record.project}.{self.record.scenario} {self.id}: {self.outcome or self.state})"

    @property
    def id(self) -> str:
        """What other commands name it by; it begins with the time it was asked for."""
        return self.record.id

    @property
    def state(self) -> RunState:
        """QUEUED, RUNNING, DONE; CANCELLED and MISSED never began."""
        return self.record.state

    @property
    def outcome(self) -> Outcome | None:
        """SUCCESS, WARNING, FAILED, ABORTED; None until it has ended."""
        return self.record.outcome

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return not self.record.state.final

    @property
    def duration(self) -> timedelta | None:
        """How long it took; None until it has ended."""
        begun, ended = self.record.started_at, self.record.ended_at
        return None if begun is None or ended is None else ended - begun

    def refresh(self) -> Run:
        """Look again."""
        self.record = self._transport.call("scenarios.show", self.id)
        return self

    def wait(
        self, *, fail_on: FailOn = "FAILED", work: bool = True, watch: Callable[[Any], None] | None = None
    ) -> Run:
        """Wait for its end. This process does it, unless a worker has it or takes it first, or `work` is False.

        Raises RunFailed for FAILED (for WARNING too with `fail_on="WARNING"`) and Aborted; `fail_on=""` never raises.
        """
        settings = {"fail_on": fail_on, "work": work, "watch": watch}
        self.record = self._transport.call("scenarios.wait", self.id, **settings)
        return self

    def abort(self) -> bool:
        """Ask it to stop; False when it had ended already."""
        return bool(self._transport.call("scenarios.abort", self.id))

    def steps(self) -> list[StepRun]:
        """What each step did so far, or why it was skipped; `.jobs` are the ids of its jobs, `.key` finds its log."""
        found: list[StepRun] = self._transport.call("scenarios.steps", self.id)
        return found

    def log(self, step: str = "") -> str:
        """The whole log, or that of one step by its name or key."""
        return str(self._transport.call("scenarios.log", self.id, step))

    def follow(self, step: str = "", *, pause: float = 0.2) -> Iterator[str]:
        """What the log holds, then what is added to it until the run has ended."""
        seen = 0
        while True:
            ended = not self.refresh().running
            for piece in self._transport.call("run_log.pieces", self.id, step, start=seen):
                seen += len(piece.encode())
                yield piece
            if ended:
                return
            time.sleep(pause)


class Scenario(Part):
    """A scenario, seen from outside."""

    def definition(self) -> Definition:
        """Its steps or script, triggers, reporters and switches."""
        found: Definition = self._call("scenarios.definition")
        return found

    def run(
        self, params: Mapping[str, Any] | None = None, *, wait: bool = True, fail_on: FailOn = "FAILED",
        trigger: str = "api", watch: Callable[[Any], None] | None = None,
    ) -> Run:  # fmt: skip
        """Run it with parameters (`scenarioTriggerParam_<name>` in its steps) and wait for the end.

        A WARNING is no failure unless `fail_on="WARNING"`. Raises RunFailed, Aborted, and Conflict when it is running
        already. With `wait=False` the run is only asked for: a worker does it, or whoever waits for it.
        """
        run = self._run(self._call("scenarios.start", by=self._user, params=params, trigger=trigger))
        return run.wait(fail_on=fail_on, watch=watch) if wait else run

    def wait(self, *, fail_on: FailOn = "FAILED") -> Run | None:
        """Wait for the run that is going on; None when there is none."""
        run = self.current_run()
        return run.wait(fail_on=fail_on) if run else None

    def abort(self) -> bool:
        """Stop the run that is going on, and the one in line; False, and nothing else, when there is none."""
        return bool(self._call("scenarios.abort_current"))

    def last_runs(
        self, limit: int = 10, *, finished: bool | None = None, since: datetime | None = None
    ) -> list[Run]:
        """Runs, newest first. `finished=True`: that came to an end, however; False: queued or running."""
        found = self._call("scenarios.history", limit=limit, finished=finished, since=since)
        return [self._run(record) for record in found]

    def last_successful_run(self) -> Run | None:
        """The newest run that ended SUCCESS. WARNING is not SUCCESS."""
        found = self._call("scenarios.last_successful")
        return self._run(found) if found else None

    def average_duration(self, last: int = 10) -> timedelta | None:
        """How long the newest runs that ended SUCCESS took; None when there is none."""
        found: timedelta | None = self._call("last_runs.average_duration", last=last)
        return found

    def current_run(self) -> Run | None:
        """The run that is going on or waits for a worker; None while it is idle."""
        found = self._call("last_runs.current")
        return self._run(found) if found else None

    def switch(self, on: bool) -> None:
        """Turn the auto-trigger switch on or off. It runs as you from then on."""
        self._call("scenarios.switch", on, author=self._user)

    def save(self, definition: Definition | Mapping[str, Any]) -> None:
        """Replace it, as one commit. It runs as you from then on."""
        self._call("scenarios.save", definition, author=self._user)

    def warnings(self) -> list[Any]:
        """What this node lacks so that its reporters can send: channels, secrets; each with its `.field`."""
        found: list[Any] = self._call("readiness.of_scenario")
        return found

    def dry_run(self, outcomes: Mapping[str, str] | None = None) -> list[Rehearsed]:
        """Which steps would run, and how it would end, if steps ended as supposed; nothing runs."""
        found: list[Rehearsed] = self._call("scenarios.dry_run", dict(outcomes or {}))
        return found

    def saves(self) -> list[Any]:
        """Who changed it when, newest first."""
        found: list[Any] = self._transport.call(
            "projects.history", self.project_key, f"scenarios/{self.name}.yaml"
        )
        return found

    def triggers(self) -> list[Any]:
        """What starts it: `.trigger`, `.active`, `.next_run`, `.next_look`, `.error` of the last look …"""
        found = self._transport.call("triggers.next_runs", self.project_key)
        return [t for t in found if t.scenario == self.name]

    def next_runs(self, count: int = 5, trigger: str = "") -> list[Any]:
        """The next moments of its triggers by time, or of one: `.at`, `.trigger`. Nothing happens while it is off."""
        found: list[Any] = self._call("upcoming.slots", trigger, count=count)
        return found

    def fire(self, trigger: str, params: Mapping[str, Any] | None = None) -> Run:
        """Ask for a run as if a trigger had fired; CANCELLED when it is running already."""
        return self._run(self._call("triggers.fire", trigger, params, by=self._user))

    def _run(self, record: ScenarioRun) -> Run:
        return Run(self._transport, record)


__all__ = ["Run", "Scenario"]
