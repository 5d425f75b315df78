"""Send message: tell somebody in the middle of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from penstock.core.outcome import Outcome
from penstock.core.scenario import AnyReporter, Step, StepResult

if TYPE_CHECKING:
    from penstock.core.contexts import StepContext


class SendMessage(Step):
    """Sends a message now, through any reporter. What cannot be delivered makes the step FAILED.

    Example:
        type: send_message
        reporter: {type: mail, channel: office, to: "ann@example.com", subject: "The evaluation is there"}
    """

    reporter: AnyReporter = Field(
        description="What to send and by which channel; its `on` and `when` mean nothing here.",
        json_schema_extra={"without": ["name", "active", "on", "when"]},
    )

    def run(self, ctx: StepContext) -> StepResult:
        said = ctx.send(self.reporter)
        ctx.log.info(said)
        return StepResult(Outcome.SUCCESS, output=said)
