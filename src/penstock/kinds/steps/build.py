"""Build: make objects of the Flow anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, field_validator

from penstock.core.counting import counted
from penstock.core.errors import Invalid
from penstock.core.job import WORDS, BuildMode, Job, JobState
from penstock.core.names import Target
from penstock.core.outcome import Outcome
from penstock.core.scenario import Step, StepResult

if TYPE_CHECKING:
    from penstock.core.contexts import StepContext


class Build(Step):
    """Builds datasets, folders and evaluation stores, and trains models, in one job; waits until it has ended.

    A model named here is trained; one that only stands upstream is not. A job that ends with warnings makes the step
    WARNING; diagnostics of models and evaluations are shown and do not count unless they are told to.

    Example:
        type: build
        name: Build MES
        items: [mes_for_input_drift]
        mode: recursive
    """

    items: tuple[Target, ...] = Field(
        min_length=1, description="Objects, `zone:NAME` for a whole zone, or `*` for all ends of the Flow."
    )
    mode: str = Field(
        default="required",
        description="What else is built: required, all, only, downstream, outputs.",
        json_schema_extra={"choices": {word: mode.words for word, mode in WORDS.items()}},
    )
    stop_at_zone: bool = Field(default=False, description="Look upstream only inside the zones of the items.")
    update_schemas: bool = Field(default=False, description="Bring the declared columns up to date.")
    count_diagnostics: bool = Field(
        default=False, description="Diagnostics of models and evaluations make the step WARNING too."
    )

    @field_validator("mode")
    @classmethod
    def _known(cls, mode: str) -> str:
        try:
            if "${" not in mode:
                BuildMode.parse(mode)
        except Invalid as unknown:
            raise ValueError(unknown.message) from unknown
        return mode

    def run(self, ctx: StepContext) -> StepResult:
        items = [ctx.expand(item) for item in self.items]
        job = ctx.build(
            items,
            ctx.expand(self.mode),
            stop_at_zone=self.stop_at_zone,
            update_schemas=self.update_schemas,
        )
        diagnostics = ctx.diagnostics(job) if job.warnings else 0
        if diagnostics:
            ctx.log.info(f"Job {job.id} ended with {diagnostics} diagnostics; see its log.")
        counted = job.warnings - (0 if self.count_diagnostics else diagnostics)
        return StepResult(outcome_of(job, counted), message=said(job, counted, ctx.ran(job)), jobs=(job.id,))


def outcome_of(job: Job, warnings: int) -> Outcome:
    """How a job counts: done with warnings is WARNING, everything but done is FAILED."""
    if job.state is not JobState.DONE:
        return Outcome.FAILED
    return Outcome.WARNING if warnings else Outcome.SUCCESS


def said(job: Job, warnings: int, ran: int) -> str:
    if job.state is JobState.DONE and not ran:
        return "Nothing had to be built: everything was up to date."
    if job.state is JobState.DONE:
        return f"Job {job.id}: {counted(warnings, 'warning')}." if warnings else ""
    return f"Job {job.id} {'was aborted' if job.state is JobState.ABORTED else 'failed'}. {job.error}".strip()
