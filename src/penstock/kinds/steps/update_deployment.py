"""Update deployment: bring a bundle to a node where the project is deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.core.scenario import Step, StepResult
from penstock.kinds.steps import _updating

if TYPE_CHECKING:
    from penstock.core.contexts import StepContext


class UpdateDeployment(Step):
    """Takes a published bundle into a deployment, updates it and waits. The deployment must be there already.

    FAILED when the update fails: the bundle that was active there stays active. The run's user must be allowed to
    deploy. After a step that creates a bundle, `${bundle_id}` is the one it made.

    Example:
        type: update_deployment
        deployment: FRAUD-on-prod
        bundle: ${bundle_id}
    """

    MAIN: ClassVar[tuple[str, ...]] = ("deployment", "bundle", "ignore_warnings")

    deployment: str = Field(min_length=1, description="Id of the deployment on the deployer.")
    bundle: str = Field(default="", description="Id of a published bundle; the one it names now when empty.")
    ignore_warnings: bool = Field(
        default=False, description="Warnings before the activation do not stop it; the step is WARNING then."
    )

    @property
    def caption(self) -> str:
        return f"{self.kind_name()} {self.deployment}"

    def run(self, ctx: StepContext) -> StepResult:
        deployment, bundle = ctx.expand(self.deployment), ctx.expand(self.bundle)
        ctx.log.info(f"Updating deployment {deployment}{f' to bundle {bundle}' if bundle else ''} …")
        return _updating.result(
            ctx.update_deployment(deployment, bundle, ignore_warnings=self.ignore_warnings)
        )
