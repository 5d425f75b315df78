"""Create bundle: freeze the project, to be run elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from penstock.core.outcome import Outcome
from penstock.core.scenario import Step, StepResult

if TYPE_CHECKING:
    from penstock.core.contexts import StepContext


class CreateBundle(Step):
    """Makes a bundle of the project as it is then, with the additional content that the project remembers.

    With `unique` the id is a beginning: `v`, `v1`, `v2` … The new id goes into a variable of the run, where the step
    that updates a deployment finds it.

    Example:
        type: create_bundle
        bundle: v
        variable: bundle_id
        publish: true
        notes: Retrained on ${month|default:new data}
    """

    bundle: str = Field(default="v", min_length=1, description="The id, or its beginning.")
    unique: bool = Field(default=True, description="Put the next free number behind it.")
    variable: str = Field(default="bundle_id", description="Variable of the run that gets the new id.")
    notes: str = Field(default="", description="Release notes.")
    publish: bool = Field(default=False, description="Publish it on the deployer at once.")
    published_project: str = Field(
        default="", description="Key it is published under; the project's own when empty."
    )

    def run(self, ctx: StepContext) -> StepResult:
        id = ctx.create_bundle(
            ctx.expand(self.bundle), unique=self.unique, notes=ctx.expand(self.notes), publish=self.publish,
            as_project=ctx.expand(self.published_project),
        )  # fmt: skip
        if self.variable:
            ctx.define({self.variable: id})
        ctx.log.info(f"Bundle {id}{' is published' if self.publish else ' is made'}.")
        return StepResult(Outcome.SUCCESS, output={"bundle": id, "published": self.publish})
