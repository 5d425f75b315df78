"""Running: one job from its plan to its end. Activities run in threads; this loop starts, watches and ends them."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from penstock.core import plan
from penstock.core.errors import Aborted, BeingBuilt, PenstockError
from penstock.core.flow import Flow
from penstock.core.job import Activity, ActivityState, Job, JobState
from penstock.core.plan import Plan, Planned
from penstock.core.project import file_of
from penstock.core.schema import Schema
from penstock.core.scope import Request
from penstock.runtime import logs, recovery, slots, states
from penstock.runtime.activities import Gate, Result, Running, Work, mark_failed, report_build
from penstock.runtime.contexts import DatasetAccess
from penstock.runtime.events import Event, Watch
from penstock.runtime.logs import ActivityLog, JobLog

if TYPE_CHECKING:
    from penstock.core.node import Node

LOOK = 0.2
"""Seconds between two looks at whether somebody aborted the job."""
HEARTBEAT = timedelta(seconds=5)
POLL = 0.05
"""Seconds between two tries for a slot or an object that another job holds."""


@dataclass(slots=True)
class Lane:
    """An activity while the job runs it."""

    row: Activity
    running: Running
    gate: Gate
    slots: slots.Slots
    log: ActivityLog


@dataclass(kw_only=True)
class JobRun:
    """One job. `run()` returns it ended; nothing of it is left running or claimed then."""

    node: Node
    flow: Flow
    """Of the project as it was when the job was asked for; later edits do not reach it."""
    request: Request
    values: Mapping[str, Any]
    job: Job
    tell: Watch
    update_schemas: bool = False
    rows: dict[str, Activity] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)
    _lanes: dict[str, Lane] = field(default_factory=dict)
    _ended: queue.Queue[tuple[str, Result]] = field(default_factory=queue.Queue)

    def run(self) -> Job:
        """From the plan to the end. Raises nothing of what goes wrong inside; the job says it."""
        with logs.job_log(self.node, self.job.id) as log, self._pulse():
            try:
                self._run(log)
            except BaseException as error:
                self._stop.set()
                self._drain(log)
                self._give_up(error, log)
                if not isinstance(error, PenstockError):
                    raise
            finally:
                self.node.runs.release(self.job.id)
        return self.job

    def _run(self, log: JobLog) -> None:
        log.info(f"{self.request.mode.words}: {', '.join(self.request.targets)}.")
        with self._job_slot(log):
            self._update(state=JobState.COMPUTING_DEPENDENCIES, started_at=self.node.clock.now())
            made = self._claimed_plan(log)
            for left in made.not_run:
                log.info(f"Not run: {left.name} – {left.why}.")
            self._check_ready(made)
            self._update(state=JobState.RUNNING)
            self._loop(made, log)
        self._conclude(made, log)

    # ── before anything runs ────────────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def _job_slot(self, log: JobLog) -> Iterator[None]:
        place = slots.Slots(self._slot_root, slots.of_job(self.node.config.limits))
        try:
            said = ""
            while waiting := place.take():
                if waiting != said:
                    log.info(waiting)
                    self._tell_job(waiting)
                    said = waiting
                self._wait(POLL)
            yield
        finally:
            place.free()

    def _claimed_plan(self, log: JobLog) -> Plan:
        """The plan, with all its outputs claimed. What another job builds is waited for, then planned anew."""
        deadline = time.monotonic() + self.node.config.wait_for_object
        while True:
            made = self._plan()
            self._note(made)
            blocked = self._claim(made)
            if not blocked:
                return made
            self._wait_for(blocked, deadline, log)

    def _plan(self) -> Plan:
        facts = states.facts(self.node, self.flow, self.request, self.values)
        return plan.make(self.flow, self.request, facts)

    def _claim(self, made: Plan) -> dict[str, str]:
        return self.node.runs.claim(self.job.project, made.outputs, self.job.id) if made.outputs else {}

    def _wait_for(self, blocked: Mapping[str, str], deadline: float, log: JobLog) -> None:
        item, holder = next(iter(sorted(blocked.items())))
        said = f"waiting for job {holder}, which is building {item}"
        log.info(f"{said[0].upper()}{said[1:]}.")
        self._tell_job(said)
        for row in self.rows.values():
            if item in row.outputs:
                self._save(replace(row, waiting_for=said))
        while self._is_held(item, holder):
            if time.monotonic() > deadline:
                raise BeingBuilt(
                    f"'{item}' is being built by job {holder}, and waiting "
                    f"{self.node.config.wait_for_object:g} seconds for it was not enough.",
                    hint="Run this again when that job has ended, or raise `wait_for_object`.",
                )
            self._wait(2 * POLL)

    def _is_held(self, item: str, holder: str) -> bool:
        """Whether the other job still runs. One whose process is gone is ended on the spot."""
        other = self.node.runs.job(holder)
        if not other.state.final and other.owner != self.job.owner:
            recovery.recover(self.node)
            other = self.node.runs.job(holder)
        return not other.state.final

    def _check_ready(self, made: Plan) -> None:
        """Raise for the first input that cannot be read, before any recipe runs."""
        project = self.flow.project
        for name in plan.needed(self.flow, made):
            if name in project.datasets:
                ctx = DatasetAccess(node=self.node, project=project, name=name, values=self.values)
                project.dataset(name).check_ready(ctx)

    def _note(self, made: Plan) -> None:
        """Keep a row for each activity of the plan; those of an earlier plan that are not needed any more go."""
        for name in self.rows.keys() - set(made.recipes):
            self._save(
                replace(
                    self.rows[name],
                    state=ActivityState.SKIPPED,
                    waiting_for="up to date by another job's work",
                )
            )
        for position, planned in enumerate(made.activities):
            self._save(
                Activity(
                    job=self.job.id, recipe=planned.recipe, position=position, outputs=planned.outputs,
                    reason=planned.reason,
                )
            )  # fmt: skip

    # ── the loop ────────────────────────────────────────────────────────────────────────────────────────────────

    def _loop(self, made: Plan, log: JobLog) -> None:
        after = {p.recipe: self.flow.recipes_before(p.recipe) & set(made.recipes) for p in made.activities}
        todo = {p.recipe: p for p in made.activities}
        places = {name: self._place(name) for name in todo}
        try:
            while todo or self._lanes:
                queued = False
                for planned in list(todo.values()):
                    waiting = self._try(planned, after[planned.recipe], places[planned.recipe], log)
                    queued = queued or bool(waiting)
                    if waiting is None:
                        del todo[planned.recipe]
                self._collect(POLL if queued else LOOK, log)
                if self._stop.is_set():
                    self._drain(log)
                    return
        finally:
            for place in places.values():
                place.free()

    def _try(
        self, planned: Planned, before: frozenset[str], place: slots.Slots, log: JobLog
    ) -> str | None:  # fmt: skip
        """Start an activity if it can, skip it if it never will. None when it is dealt with, else why it waits."""
        rows = [self.rows[name] for name in before]
        bad = next((r for r in rows if r.state.final and not r.state.good), None)
        if bad is not None:
            why = f"{bad.recipe} {'was skipped' if bad.state is ActivityState.SKIPPED else 'failed'}"
            self._end(self.rows[planned.recipe], ActivityState.SKIPPED, waiting_for=f"not run: {why}")
            log.info(f"Not run: {planned.recipe} – {why}.")
            return None
        if any(not r.state.good for r in rows):
            return ""
        waiting = self._full() or place.take()
        if waiting:
            if self.rows[planned.recipe].waiting_for != waiting:
                self._save(replace(self.rows[planned.recipe], waiting_for=waiting))
            return waiting
        self._start(planned, place, log)
        return None

    def _full(self) -> str:
        most = self.node.config.limits.activities_per_job
        return (
            f"queued: waiting for a slot of this job ({most} at once)"
            if most and len(self._lanes) >= most
            else ""
        )

    def _start(self, planned: Planned, place: slots.Slots, log: JobLog) -> None:
        name = planned.recipe
        activity_log = ActivityLog(
            self.node.runs.log_path(self.job.id, name), log, name, self.tell, self.job.id
        )
        activity_log.info(f"Recipe {name} runs: {planned.reason}.")
        gate = Gate()
        work = Work(
            node=self.node, project=self.flow.project, recipe=name, job=self.job.id, values=self.values,
            fingerprint=states.fingerprints(self.flow.project, [name], self.values)[name], log=activity_log,
            tell=self.tell, stop=self._stop.is_set, gate=gate, update_schemas=self.update_schemas,
        )  # fmt: skip
        row = replace(
            self.rows[name], state=ActivityState.RUNNING, waiting_for="", started_at=self.node.clock.now()
        )
        self._save(row)
        running = Running(work)
        self._lanes[name] = Lane(row, running, gate, place, activity_log)
        threading.Thread(
            target=self._report, args=(name, running), name=f"penstock {name}", daemon=True
        ).start()

    def _report(self, name: str, running: Running) -> None:
        self._ended.put((name, running.run()))

    def _collect(self, wait: float, log: JobLog) -> None:
        """Take in the activities that ended, waiting a moment for the first."""
        try:
            name, result = self._ended.get(timeout=wait)
        except queue.Empty:
            return
        while True:
            self._close(name, result, log)
            try:
                name, result = self._ended.get_nowait()
            except queue.Empty:
                return

    def _close(self, name: str, result: Result, log: JobLog) -> None:
        lane = self._lanes.pop(name, None)
        if lane is None:
            return
        row = replace(lane.row, warnings=tuple(lane.log.warnings))
        if not result.state.good:
            self._remember_failure(row)
        self._end(row, result.state, error=result.error, error_code=result.error_code)
        self._save_schemas(result.schemas, log)
        lane.log.close()
        lane.slots.free()

    def _remember_failure(self, row: Activity) -> None:
        mark_failed(self.node, self.job.project, row)
        for output in row.outputs:
            report_build(
                self.node, self.flow.project, output, job=self.job.id, success=False,
                started=row.started_at or self.node.clock.now(), warnings=len(row.warnings),
            )  # fmt: skip

    def _save_schemas(self, schemas: Mapping[str, Schema], log: JobLog) -> None:
        """Write new columns into the definitions as they are now, as one commit."""
        if not schemas:
            return
        current = self.node.projects.load(self.job.project).datasets
        changed = {
            file_of("dataset", name): current[name].changed(columns=columns)
            for name, columns in schemas.items() if name in current
        }  # fmt: skip
        message = f"Update columns of {', '.join(schemas)}"
        try:
            self.node.projects.save(self.job.project, changed, author=self.job.initiator, message=message)
        except PenstockError as error:
            log.warning(f"The new columns could not be saved: {error}")

    def _drain(self, log: JobLog) -> None:
        """Stop what runs: asked for `abort_grace` seconds, then given up. Nothing changes data afterwards."""
        deadline = time.monotonic() + self.node.config.abort_grace
        while self._lanes and time.monotonic() < deadline:
            for lane in tuple(self._lanes.values()):
                lane.running.interrupt()
            self._collect(POLL, log)
        for name, lane in tuple(self._lanes.items()):
            if lane.gate.shut():
                log.info(f"{name} did not stop by itself and was given up; what it computes is thrown away.")
                given_up = Result(
                    state=ActivityState.ABORTED, error="The job was aborted.", error_code="aborted"
                )
                self._close(name, given_up, log)
        while self._lanes:
            self._collect(LOOK, log)

    # ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _conclude(self, made: Plan, log: JobLog) -> None:
        rows = [self.rows[name] for name in made.recipes]
        failed = [r for r in rows if r.state is ActivityState.FAILED]
        if any(r.state in (ActivityState.NOT_STARTED, ActivityState.ABORTED) for r in rows):
            log.info("Aborted.")
            self._finish(JobState.ABORTED, Aborted("The job was aborted."))
        elif failed:
            log.error(f"{failed[0].recipe} failed: {failed[0].error}")
            error = f"Recipe {failed[0].recipe}: {failed[0].error}"
            self._finish(JobState.FAILED, error=error, code=failed[0].error_code)
        else:
            log.info("Done.")
            self._finish(JobState.DONE)

    def _give_up(self, error: BaseException, log: JobLog) -> None:
        if isinstance(error, KeyboardInterrupt):
            error = Aborted("Interrupted at the keyboard.")
        log.error(str(error) if isinstance(error, PenstockError) else f"{type(error).__name__}: {error}")
        state = JobState.ABORTED if isinstance(error, Aborted) else JobState.FAILED
        self._finish(state, error if isinstance(error, PenstockError) else PenstockError(repr(error)))

    def _finish(
        self, state: JobState, problem: PenstockError | None = None, *, error: str = "", code: str = ""
    ) -> None:  # fmt: skip
        for row in self.rows.values():
            if not row.state.final:
                self._end(row, ActivityState.SKIPPED, waiting_for="not run: the job ended before")
        self._update(
            state=state, ended_at=self.node.clock.now(),
            warnings=sum(len(r.warnings) for r in self.rows.values()),
            error=str(problem) if problem else error, error_code=problem.code if problem else code,
        )  # fmt: skip

    def _end(self, row: Activity, state: ActivityState, **changes: Any) -> None:
        ended = None if state is ActivityState.SKIPPED else self.node.clock.now()
        self._save(replace(row, state=state, ended_at=ended, **changes))

    def _save(self, row: Activity) -> None:
        known = self.rows.get(row.recipe)
        if row == known:
            return
        self.rows[row.recipe] = row
        self.node.runs.save_activity(row)
        self.tell(
            Event(
                what="activity", job=self.job.id, recipe=row.recipe, state=row.state,
                message=row.error or row.waiting_for,
            )
        )  # fmt: skip

    def _update(self, **changes: Any) -> None:
        self.job = replace(self.job, **changes)
        self.node.runs.update_job(self.job)
        self._tell_job(self.job.error)

    def _tell_job(self, message: str) -> None:
        self.tell(Event(what="job", job=self.job.id, state=self.job.state, message=message))

    # ── alive, and willing to stop ──────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def _pulse(self) -> Iterator[None]:
        """Beat, and look for a request to abort, as long as the job runs."""
        over = threading.Event()
        thread = threading.Thread(
            target=self._beat, args=(over,), name=f"pulse of {self.job.id}", daemon=True
        )
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _beat(self, over: threading.Event) -> None:
        beaten = self.node.clock.now()
        while not over.is_set():
            if self.node.runs.abort_requested(self.job.id):
                self._stop.set()
            if self.node.clock.now() - beaten > HEARTBEAT:
                beaten = self.node.clock.now()
                self.node.runs.heartbeat(self.job.id, beaten)
            over.wait(LOOK)

    def _wait(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise Aborted("The job was aborted.")

    def _place(self, recipe: str) -> slots.Slots:
        definition = self.flow.project.recipe(recipe)
        queues = slots.of_activity(
            self.node.config.limits, project=self.job.project, user=self.job.initiator,
            recipe_type=definition.kind_name(), tags=definition.tags,
        )  # fmt: skip
        return slots.Slots(self._slot_root, queues)

    @property
    def _slot_root(self) -> Any:
        return self.node.config.home / "run" / "slots"
