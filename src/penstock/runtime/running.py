"""Running: one job from its plan to its end. Activities run in threads; this loop starts, watches and ends them."""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from penstock.core.errors import PenstockError
from penstock.core.flow import Flow
from penstock.core.job import Activity, ActivityState, Job, JobState
from penstock.core.plan import Plan, Planned
from penstock.core.project import file_of
from penstock.core.schema import Schema
from penstock.core.scope import Request
from penstock.runtime import audit, logs, slots, states
from penstock.runtime.activities import Gate, Result, Running, Work, report_build
from penstock.runtime.events import Watch
from penstock.runtime.journal import Journal
from penstock.runtime.logs import ActivityLog
from penstock.runtime.preparing import POLL, Preparation, slot_root
from penstock.runtime.pulse import LOOK, Pulse

if TYPE_CHECKING:
    from penstock.core.node import Node

GIVEN_UP = Result(state=ActivityState.ABORTED, error="The job was aborted.", error_code="aborted")


@dataclass(frozen=True, kw_only=True)
class JobRun:
    """One job, ready to run."""

    node: Node
    flow: Flow
    """Of the project as it was when the job was asked for; later edits do not reach it."""
    request: Request
    values: Mapping[str, Any]
    job: Job
    tell: Watch
    update_schemas: bool = False

    def run(self) -> Job:
        """From the plan to the end. What goes wrong inside is said by the job, which is returned ended; nothing of
        it is left running or claimed then."""
        pulse = Pulse(self.node, self.job.id)
        with logs.job_log(self.node, self.job.id) as log, pulse.beating():
            journal = Journal(node=self.node, job=self.job, log=log, tell=self.tell)
            lanes = Lanes(self, journal, pulse)
            try:
                self._run(journal, pulse, lanes)
            except PenstockError as error:
                lanes.stop(error)
            finally:
                if not journal.job.state.final:  # the keyboard, a broken database: said, and raised further
                    lanes.stop(sys.exception())
                self.node.runs.release(self.job.id)
        self._note(journal.job)
        return journal.job

    def _note(self, job: Job) -> None:
        audit.note(
            self.node, "flow-job-done", project=job.project, object=f"job:{job.id}", by=job.initiator,
            result=str(job.state), duration=(self.node.clock.now() - job.created_at).total_seconds(),
        )  # fmt: skip

    def _run(self, journal: Journal, pulse: Pulse, lanes: Lanes) -> None:
        journal.log.info(f"{self.request.mode.words}: {', '.join(self.request.targets)}.")
        before = Preparation(
            node=self.node,
            flow=self.flow,
            request=self.request,
            values=self.values,
            journal=journal,
            pulse=pulse,
        )
        with before.job_slot():
            journal.update(state=JobState.COMPUTING_DEPENDENCIES, started_at=self.node.clock.now())
            made = before.claimed_plan()
            for left in made.not_run:
                journal.log.info(f"Not run: {left.name} – {left.why}.")
            before.check_ready(made)
            journal.update(state=JobState.RUNNING)
            lanes.run(made)
        journal.conclude(made)


@dataclass(frozen=True, slots=True)
class Lane:
    """An activity while it runs."""

    row: Activity
    running: Running
    gate: Gate
    place: slots.Slots
    log: ActivityLog


@dataclass(frozen=True)
class Lanes:
    """The activities of a job: those that wait, those that run, and the threads they run in."""

    run_of: JobRun
    journal: Journal
    pulse: Pulse
    _open: dict[str, Lane] = field(default_factory=dict)
    _ended: queue.Queue[tuple[str, Result]] = field(default_factory=queue.Queue)

    def run(self, made: Plan) -> None:
        """Run every activity of a plan as early as its inputs and the limits allow; stop when the job should."""
        before = {r: self.run_of.flow.recipes_before(r) & set(made.recipes) for r in made.recipes}
        places = {r: self._place(r) for r in made.recipes}
        todo = {p.recipe: p for p in made.activities}
        try:
            while (todo or self._open) and not self.pulse.stop.is_set():
                queued = False
                for name, planned in tuple(todo.items()):
                    if self._is_settled(name, before[name]):
                        del todo[name]
                    elif self._is_ready(before[name]):
                        waiting = self._full() or places[name].take()
                        if waiting:
                            self.journal.wait(name, waiting)
                            queued = True
                        else:
                            self._start(planned, places[name])
                            del todo[name]
                self._collect(POLL if queued else LOOK)
            self.drain()
        finally:
            for place in places.values():
                place.free()

    def stop(self, error: BaseException | None) -> None:
        """End the job early because of an error."""
        self.pulse.stop.set()
        self.drain()
        self.journal.give_up(error or PenstockError("The job ended without a reason."))

    def drain(self) -> None:
        """Stop what runs: asked for `abort_grace` seconds, then given up. Nothing changes data afterwards."""
        deadline = time.monotonic() + self.run_of.node.config.abort_grace
        while self._open and time.monotonic() < deadline:
            for lane in tuple(self._open.values()):
                lane.running.interrupt()
            self._collect(POLL)
        for name, lane in tuple(self._open.items()):
            if lane.gate.shut():
                lane.log.info("It did not stop by itself and was given up; what it computes is thrown away.")
                self._close(name, GIVEN_UP)
        while self._open:
            self._collect(LOOK)

    def _is_settled(self, recipe: str, before: frozenset[str]) -> bool:
        """Skip an activity that can never run, because one it waits for has no good end."""
        rows = [self.journal.rows[name] for name in sorted(before)]
        bad = next((r for r in rows if r.state.final and not r.state.good), None)
        if bad is not None:
            was = "was skipped" if bad.state is ActivityState.SKIPPED else "failed"
            self.journal.skip(recipe, f"{bad.recipe} {was}")
        return bad is not None

    def _is_ready(self, before: frozenset[str]) -> bool:
        return all(self.journal.rows[name].state.good for name in before)

    def _full(self) -> str:
        most = self.run_of.node.config.limits.activities_per_job
        full = most and len(self._open) >= most
        return f"queued: waiting for a slot of this job ({most} at once)" if full else ""

    def _start(self, planned: Planned, place: slots.Slots) -> None:
        node, job, name = self.run_of.node, self.journal.job.id, planned.recipe
        log = ActivityLog(node.runs.log_path(job, name), self.journal.log, name, self.run_of.tell, job)
        log.info(f"Recipe {name} runs: {planned.reason}.")
        row = replace(
            self.journal.rows[name], state=ActivityState.RUNNING, waiting_for="", started_at=node.clock.now()
        )
        self.journal.save(row)
        work = self._work(name, log)
        lane = Lane(row, Running(work), work.gate, place, log)
        self._open[name] = lane
        threading.Thread(
            target=self._report, args=(name, lane.running), name=f"penstock {name}", daemon=True
        ).start()

    def _work(self, recipe: str, log: ActivityLog) -> Work:
        run = self.run_of
        prints = states.fingerprints(run.flow.project, [recipe], run.values)
        return Work(
            node=run.node, project=run.flow.project, recipe=recipe, job=run.job.id, values=run.values,
            fingerprint=prints[recipe], log=log, tell=run.tell, stop=self.pulse.stop.is_set, gate=Gate(),
            update_schemas=run.update_schemas,
        )  # fmt: skip

    def _report(self, name: str, running: Running) -> None:
        self._ended.put((name, running.run()))

    def _collect(self, wait: float) -> None:
        """Take in the activities that ended, waiting a moment for the first."""
        try:
            self._close(*self._ended.get(timeout=wait))
            while True:
                self._close(*self._ended.get_nowait())
        except queue.Empty:
            return

    def _close(self, name: str, result: Result) -> None:
        lane = self._open.pop(name, None)
        if lane is None:
            return
        row = replace(lane.row, warnings=tuple(lane.log.warnings))
        if not result.state.good:
            self._remember_failure(row)
        self.journal.end(row, result.state, error=result.error, error_code=result.error_code)
        self._save_schemas(result.schemas)
        lane.log.close()
        lane.place.free()

    def _remember_failure(self, row: Activity) -> None:
        node, project = self.run_of.node, self.run_of.flow.project
        states.mark_failed(node, project.key, row)
        for output in row.outputs:
            report_build(
                node, project, output, job=row.job, success=False, started=row.started_at or node.clock.now(),
                warnings=len(row.warnings),
            )  # fmt: skip

    def _save_schemas(self, schemas: Mapping[str, Schema]) -> None:
        """Write new columns into the definitions as they are now, as one commit."""
        if not schemas:
            return
        projects, job = self.run_of.node.projects, self.journal.job
        current = projects.load(job.project).datasets
        changed = {
            file_of("dataset", name): current[name].changed(columns=columns)
            for name, columns in schemas.items() if name in current
        }  # fmt: skip
        message = f"Update columns of {', '.join(schemas)}"
        try:
            projects.save(job.project, changed, author=job.initiator, message=message)
        except PenstockError as error:
            self.journal.log.warning(f"The new columns could not be saved: {error}")

    def _place(self, recipe: str) -> slots.Slots:
        node, job, definition = self.run_of.node, self.journal.job, self.run_of.flow.project.recipe(recipe)
        queues = slots.of_activity(
            node.config.limits, project=job.project, user=job.initiator, recipe_type=definition.kind_name(),
            tags=definition.tags,
        )  # fmt: skip
        return slots.Slots(slot_root(node), queues)
