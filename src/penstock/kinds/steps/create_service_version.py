"""Create service version: freeze an API service as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, field_validator

from penstock.core.names import is_variable_name
from penstock.core.outcome import Outcome
from penstock.core.scenario import Step, StepResult

if TYPE_CHECKING:
    from penstock.core.contexts import StepContext


class CreateServiceVersion(Step):
    """Makes a version of an API service: definitions, active models and bundled rows, frozen and signed.

    With `unique`, a number is put behind the id when it is taken; the id that came out is kept in a variable, for the
    step that updates the deployment.

    Example:
        type: create_service_version
        service: fraud_detection
        version: v
        variable: version_id
        publish: true
    """

    service: str = Field(min_length=1, description="The API service.")
    version: str = Field(default="v", min_length=1, description="Id of the version; may use `${variables}`.")
    unique: bool = Field(default=True, description="Taken already: v1, v2 … instead of failing.")
    variable: str = Field(default="", description="Variable of the run that gets the id.")
    release_notes: str = Field(default="", description="What is new, in Markdown; may use `${variables}`.")
    publish: bool = Field(default=False, description="Publish it on the deployer.")
    published_service: str = Field(
        default="", description="The published service it goes to; called as the service when empty."
    )

    @field_validator("variable")
    @classmethod
    def _nameable(cls, variable: str) -> str:
        if variable and not is_variable_name(variable):
            raise ValueError(
                f"'{variable}' is no name for a variable: use letters, digits and _, a letter first."
            )
        return variable

    def run(self, ctx: StepContext) -> StepResult:
        service = ctx.expand(self.service)
        made = ctx.create_service_version(
            service, ctx.expand(self.version), unique=self.unique, notes=ctx.expand(self.release_notes),
            publish=self.publish, as_service=ctx.expand(self.published_service),
        )  # fmt: skip
        if self.variable:
            ctx.define({self.variable: made})
        ctx.log.info(f"Version {made} of service {service}{' is published' if self.publish else ''}.")
        return StepResult(Outcome.SUCCESS, output={"service": service, "version": made})
