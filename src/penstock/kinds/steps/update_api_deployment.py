"""Update API deployment: bring a version of an API service to its nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.core.scenario import Step, StepResult
from penstock.kinds.steps import _updating

if TYPE_CHECKING:
    from penstock.core.contexts import StepContext


class UpdateApiDeployment(Step):
    """Lets one published version of an API service answer every query of a deployment, and waits until all nodes do.

    No query is lost: a node switches once the new version is loaded. FAILED when the update fails. The deployment
    must be there already. After a step that creates a version, `${version_id}` is the one it made.

    Example:
        type: update_api_deployment
        deployment: fraud_api-on-prod
        version: ${version_id}
    """

    MAIN: ClassVar[tuple[str, ...]] = ("deployment", "version", "full")

    deployment: str = Field(min_length=1, description="Id of the deployment on the deployer.")
    version: str = Field(default="", description="Id of a published version; what it names now when empty.")
    full: bool = Field(default=False, description="Send every version again, not only what the nodes lack.")

    @property
    def caption(self) -> str:
        return f"{self.kind_name()} {self.deployment}"

    def run(self, ctx: StepContext) -> StepResult:
        deployment, version = ctx.expand(self.deployment), ctx.expand(self.version)
        ctx.log.info(f"Updating deployment {deployment}{f' to version {version}' if version else ''} …")
        return _updating.result(ctx.update_deployment(deployment, version, full=self.full))
