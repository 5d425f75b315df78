"""Stepping: one run of a scenario from its first step, or the first that is not finished yet, to its end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from penstock.core.errors import PenstockError
from penstock.core.outcome import Outcome
from penstock.core.scenario import (
    Asked,
    OnCondition,
    RunState,
    ScenarioRun,
    Step,
    StepResult,
    StepRun,
    after,
    asked,
    settled,
)
from penstock.runtime import holding, reports, run_log, script
from penstock.runtime.events import Watch, unwatched
from penstock.runtime.lease import Lease
from penstock.runtime.run_record import Elsewhere, Record
from penstock.runtime.step_access import Place, StepAccess
from penstock.runtime.stopping import LOOK, Stop, Stopping
from penstock.runtime.trying import Try
from penstock.runtime.variables import resolve

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.runtime.run_log import RunLog

CLEAN_UP = 60.0
"""Seconds a step that always runs has for cleaning up once the run was stopped."""
TEND = 0.2


def execute(node: Node, run: ScenarioRun, lease: Lease, *, watch: Watch | None = None) -> ScenarioRun:
    """Do a claimed run to its end, as `runtime/lease.py` says. A run that comes back unfinished goes on elsewhere.

    Steps that are recorded as finished are not run again; one that was under way when its worker died is. It begins
    when nobody changes the project's version any more, as nobody does while a run goes on.
    """
    holding.wait_for_others(node, run.project, enough=lambda: lease.should_stop() or lease.ends())
    record = Record.of(node, run, lease, watch or unwatched)
    with run_log.run_log(node, run.id) as log:
        try:
            Stepping(record=record, log=log).go()
        except Elsewhere:
            return node.scenario_runs.run(run.id)
    return record.run


@contextmanager
def tended(lease: Lease) -> Iterator[Lease]:
    """Show that a run lives, and notice requests to stop, while it is done in this process."""
    over = threading.Event()

    def tend() -> None:
        while not over.wait(TEND):
            lease.tend()

    thread = threading.Thread(target=tend, name=f"lease of {lease.run}", daemon=True)
    thread.start()
    try:
        yield lease
    finally:
        over.set()
        thread.join()


@dataclass(kw_only=True)
class Stepping:
    """The loop over the steps of one run."""

    record: Record
    log: RunLog
    stopped: Stop | None = None
    """Why the run ends early, once that is known; what is left then only cleans up."""

    @property
    def node(self) -> Node:
        return self.record.node

    def go(self) -> None:
        """From where the run stands to its end. Raises Elsewhere."""
        if self.node.scenario_runs.abort_requested(self.record.run.id):
            self.record.lease.aborted.set()
        try:
            scenario = self.record.scenario
        except PenstockError as error:
            return self._end(Outcome.FAILED, f"The scenario as it was asked for cannot be read: {error}")
        self._begin()
        outcome = Outcome.SUCCESS
        for position, step in enumerate(scenario.steps):
            row = self.record.step(position)
            if row is None or row.state == "RUNNING":
                row = self._next(position, step, outcome)
            if row.state == "DONE":
                assert row.outcome is not None
                outcome = after(step, outcome, row.outcome)
        return self._conclude(outcome)

    def stopping(self) -> Stop | None:
        """Why the run ends early, if it does: somebody aborted it, or it took too long."""
        if self.record.lease.aborted.is_set():
            return Stop(Outcome.ABORTED, "The run was aborted.")
        most, begun = self.record.scenario.max_duration, self.record.run.started_at
        if most is not None and begun is not None and self.node.clock.now() - begun > timedelta(seconds=most):
            return Stop(Outcome.FAILED, f"The run took longer than {most:g} seconds and was stopped.")
        return None

    def variables(self, outcome: Outcome, *, until: tuple[int, int] | None = None) -> dict[str, Any]:
        """Every name that has a value: of the node and the project, and over them those of the run."""
        run = self.record.run
        project = self.node.projects.load(run.project)
        return resolve(self.node, project, self.record.variables(outcome, until=until))

    def child(self, run: ScenarioRun) -> ScenarioRun:
        """Do a run that a step of this one asked for, in the same thread and under the same lease."""
        ours = self.record.lease
        lease = Lease(
            node=self.node,
            run=run.id,
            owner=ours.owner,
            length=ours.length,
            leaving=ours.leaving,
            lost=ours.lost,
        )
        with tended(lease):
            done = execute(self.node, run, lease, watch=self.record.tell)
        if not done.state.final:
            self.node.scenario_runs.requeue(run.id, ours.owner)
            raise Elsewhere
        return done

    def script(self, ctx: StepAccess, code: str, code_environment: str) -> StepResult:
        """Run a person's Python as a step. Raises ActivityFailed, Aborted, Elsewhere."""
        return script.run(ctx, code, code_environment)

    # before and after ---------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        run = self.record.run
        if self.record.rows:
            return self.log.info("Another worker takes the run on, after its last finished step.")
        if run.beats > 1:
            self.log.info("Begun anew: the worker that had the run ended before its first step.")
        self.log.info(f"Scenario {run.scenario}, as {run.run_as}; started by {run.trigger} ({run.asked_by}).")
        return self._report("start", Outcome.SUCCESS)

    def _conclude(self, outcome: Outcome) -> None:
        if self.stopped is None and self._was_aborted():
            self.stopped = Stop(Outcome.ABORTED, "The run was aborted.")
        if self.stopped is not None:
            return self._end(self.stopped.outcome, self.stopped.why)
        bad = [s for s in self.record.steps() if not s.part and s.outcome is outcome]
        said = (
            f"{bad[0].label}: {bad[0].message}".rstrip(": ") if bad and outcome is not Outcome.SUCCESS else ""
        )
        return self._end(outcome, said)

    def _was_aborted(self) -> bool:
        return any(s.outcome is Outcome.ABORTED for s in self.record.steps() if not s.part)

    def _end(self, outcome: Outcome, message: str) -> None:
        """Keep the outcome, then tell people, then let go: a worker that dies in between loses neither.

        The run has ended before people are told: how long a mail server takes is not how long the run took.
        """
        if self.record.run.outcome is None:
            self.record.update(outcome=outcome, message=message, ended_at=self.node.clock.now())
            self.log.info(f"{outcome}. {message}".rstrip())
        self._report("end", outcome)
        ended = self.record.run.ended_at or self.node.clock.now()
        self.record.update(state=RunState.DONE, ended_at=ended)

    def _report(self, moment: str, outcome: Outcome) -> None:
        """Tell those who want to know; what becomes of it never changes the outcome."""
        if not self.record.scenario.reporters:
            return
        names = self.variables(outcome)
        given = {n: v for n, v in names.items() if n not in ("allEventsSummary", "firstFailedJobName")}
        if moment == "start":
            told = reports.at_start(self.node, self.record.run, given, keep=self._keep)
        else:
            told = reports.at_end(self.node, self.record.run, self.record.steps(), given, keep=self._keep)
        for report in told:
            if report.get("on") == moment:
                self.log.info(f"Reporter {report.get('name')}: {report.get('why')}")

    def _keep(self, told: list[Mapping[str, Any]]) -> None:
        self.record.update(reports=tuple(told))

    # one step -----------------------------------------------------------------------------------------------------

    def _next(self, position: int, step: Step, outcome: Outcome) -> StepRun:
        """Ask whether a step runs, and run it."""
        if self.record.lease.ends():
            raise Elsewhere
        self.stopped = self.stopped or self.stopping()
        place = Place(position, label=self.record.scenario.label(position))
        try:
            ask = self._asked(step, outcome, self.record.step(position))
        except PenstockError as error:
            self.log.error(f"The condition of {place.label}: {error}")
            result = StepResult(settled(step, Outcome.FAILED), message=f"Its condition: {error}")
            return self._finish(self._row(place, step, "Its condition could not be judged."), result)
        if not ask.runs:
            return self._left_out(place, step, ask.why)
        if self.stopped is None:
            return self.run_step(place, step, ask.why, outcome=outcome, stopping=self.stopping)
        in_time = step.changed(timeout=min(CLEAN_UP, step.timeout or CLEAN_UP), retries=0)
        return self.run_step(place, in_time, ask.why, outcome=outcome, stopping=lambda: None)

    def _left_out(self, place: Place, step: Step, why: str) -> StepRun:
        """A step that does not run. One that was under way when its worker died ends as the run does."""
        begun = self.record.step(place.position)
        if begun is not None and self.stopped is not None:
            return self._finish(begun, StepResult(self.stopped.outcome, message=why, jobs=begun.jobs))
        now = self.node.clock.now()
        self.log.info(f"Skipped: {place.label} – {why}")
        skipped = replace(self._row(place, step, why), state="SKIPPED", started_at=now, ended_at=now)
        return self.record.save(skipped)

    def _asked(self, step: Step, outcome: Outcome, begun: StepRun | None) -> Asked:
        if self.stopped is None:
            if begun is not None:
                return Asked(True, begun.why)  # it was asked before its worker died
            names = self.variables(outcome) if isinstance(step.run_if, OnCondition) else {}
            return asked(step, outcome, names)
        if step.enabled and step.run_if == "always":
            return Asked(True, f"{self.stopped.why} It always runs, to clean up.")
        return Asked(False, self.stopped.why)

    def run_step(
        self, place: Place, step: Step, why: str, *, outcome: Outcome, stopping: Stopping, settings: Any = None
    ) -> StepRun:  # fmt: skip
        """Run a step or a part of one, with its retries, and keep what came of it."""
        known = self.record.step(place.position, place.part)
        attempt = known.attempts if known else 1
        row = replace(self._row(place, step, why), settings=settings or {}, attempts=attempt)
        with run_log.step_log(
            self.node, self.log, self.record.run.id, (place.key, place.label), self.record.tell
        ) as log:
            if known is not None:
                log.info(self._begun_anew())
            while True:
                row = self.record.save(replace(row, attempts=attempt))
                ctx = StepAccess(
                    stepping=self, step=step, place=replace(place, attempt=attempt), log=log,
                    stopping=stopping, outcome=outcome,
                )  # fmt: skip
                result = Try(
                    step=step, ctx=ctx, log=log, lease=self.record.lease, stopping=stopping,
                    grace=self.node.config.abort_grace,
                ).run()  # fmt: skip
                again = result.outcome is Outcome.FAILED and attempt <= step.retries and not stopping()
                if not again:
                    break
                log.info(f"Try {attempt} of {step.retries + 1} failed: {result.message}")
                attempt += 1
                row = self.record.save(replace(row, attempts=attempt))
                self._pause(step.retry_delay, stopping)
            if result.outcome is not Outcome.SUCCESS and not place.part:
                self.stopped = self.stopped or stopping()
            row = replace(self.record.rows[place.position, place.part], variables=ctx.defined)
            return self._finish(row, replace(result, outcome=self._settled(step, result, log)))

    def _begun_anew(self) -> str:
        """What is said of a step that was under way: a worker that is stopped hands its runs back, a dead one not."""
        died = self.record.run.takes > 1
        return f"Begun anew after its worker {'died' if died else 'was stopped'}."

    def _settled(self, step: Step, result: StepResult, log: run_log.StepLog) -> Outcome:
        counts = settled(step, result.outcome)
        as_what = f", counted as {counts}" if counts is not result.outcome else ""
        log.info(f"{result.outcome}{as_what}. {result.message}".rstrip())
        return counts

    def _finish(self, row: StepRun, result: StepResult) -> StepRun:
        return self.record.save(
            replace(
                row, state="DONE", outcome=result.outcome, output=result.output, message=result.message,
                jobs=result.jobs, ended_at=self.node.clock.now(),
            )
        )  # fmt: skip

    def _row(self, place: Place, step: Step, why: str) -> StepRun:
        """A step that begins now; the moment an earlier worker began it stays."""
        known = self.record.step(place.position, place.part)
        return StepRun(
            run=self.record.run.id, position=place.position, part=place.part, label=place.label,
            type=step.kind_name(), state="RUNNING", why=why, jobs=known.jobs if known else (),
            started_at=known.started_at if known else self.node.clock.now(),
        )  # fmt: skip

    def _pause(self, seconds: float, stopping: Stopping) -> None:
        """Wait before the next try, as long as nobody wants the run to end."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not stopping():
            if self.record.lease.ends():
                raise Elsewhere
            self.record.lease.aborted.wait(min(left, LOOK))
