"""Journal: what a running job writes down about itself – its row, those of its activities, its log – and tells."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from penstock.core.errors import Aborted, PenstockError
from penstock.core.job import Activity, ActivityState, Job, JobState
from penstock.runtime.events import Event, Watch

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.plan import Plan
    from penstock.runtime.logs import JobLog

NO_LONGER_NEEDED = "up to date by another job's work"


@dataclass(kw_only=True)
class Journal:
    """The job as it stands, and its activities by recipe. Every change is kept, then told to whoever watches."""

    node: Node
    job: Job
    log: JobLog
    tell: Watch
    rows: dict[str, Activity] = field(default_factory=dict)

    def update(self, **changes: Any) -> None:
        """Change the job's row."""
        self.job = replace(self.job, **changes)
        self.node.runs.update_job(self.job)
        self.tell_job(self.job.error)

    def tell_job(self, message: str) -> None:
        self.tell(Event(what="job", job=self.job.id, state=self.job.state, message=message))

    def save(self, row: Activity) -> None:
        """Keep an activity's row, if it says anything new."""
        if row == self.rows.get(row.recipe):
            return
        self.rows[row.recipe] = row
        self.node.runs.save_activity(row)
        said = row.error or row.waiting_for
        self.tell(Event(what="activity", job=self.job.id, recipe=row.recipe, state=row.state, message=said))

    def note(self, made: Plan) -> None:
        """Keep a row for each activity of a plan; what only an earlier plan had is skipped."""
        for name in self.rows.keys() - set(made.recipes):
            skipped = replace(self.rows[name], state=ActivityState.SKIPPED, waiting_for=NO_LONGER_NEEDED)
            self.save(skipped)
        for position, planned in enumerate(made.activities):
            self.save(
                Activity(
                    job=self.job.id, recipe=planned.recipe, position=position, outputs=planned.outputs,
                    reason=planned.reason,
                )
            )  # fmt: skip

    def wait(self, recipe: str, why: str) -> None:
        """Say what an activity waits for."""
        self.save(replace(self.rows[recipe], waiting_for=why))

    def skip(self, recipe: str, why: str) -> None:
        """An activity that will not run in this job."""
        self.save(replace(self.rows[recipe], state=ActivityState.SKIPPED, waiting_for=f"not run: {why}"))
        self.log.info(f"Not run: {recipe} – {why}.")

    def end(self, row: Activity, state: ActivityState, **changes: Any) -> None:
        """An activity that ran and has ended."""
        self.save(replace(row, state=state, ended_at=self.node.clock.now(), **changes))

    def conclude(self, made: Plan) -> None:
        """End the job as its activities ended."""
        rows = [self.rows[name] for name in made.recipes]
        failed = next((r for r in rows if r.state is ActivityState.FAILED), None)
        if any(r.state in (ActivityState.NOT_STARTED, ActivityState.ABORTED) for r in rows):
            self.give_up(Aborted("The job was aborted."))
        elif failed is not None:
            error = f"Recipe {failed.recipe}: {failed.error}"
            self.log.error(error)
            self._finish(JobState.FAILED, error, failed.error_code)
        else:
            self.log.info("Done.")
            self._finish(JobState.DONE, "", "")

    def give_up(self, error: BaseException) -> None:
        """End the job because of something that is not one activity's failure."""
        if isinstance(error, KeyboardInterrupt):
            error = Aborted("Interrupted at the keyboard.")
        known = error if isinstance(error, PenstockError) else PenstockError(repr(error))
        self.log.error(str(known))
        state = JobState.ABORTED if isinstance(known, Aborted) else JobState.FAILED
        self._finish(state, str(known), known.code)

    def _finish(self, state: JobState, error: str, code: str) -> None:
        for name, row in tuple(self.rows.items()):
            if not row.state.final:
                self.skip(name, "the job ended before")
        warnings = sum(len(r.warnings) for r in self.rows.values())
        now = self.node.clock.now()
        self.update(state=state, ended_at=now, warnings=warnings, error=error, error_code=code)
