"""Run scenario: run another scenario and wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from penstock.core.names import ScenarioName
from penstock.core.outcome import Outcome
from penstock.core.scenario import ScenarioRun, Step, StepResult
from penstock.core.variables import expand, text_of

if TYPE_CHECKING:
    from penstock.core.contexts import StepContext


LONGEST = 40
"""Characters of parameters that a caption shows."""


class RunScenario(Step):
    """Runs another scenario as the same user, waits for its end and takes over its outcome.

    It fails when that scenario is running already, unless its `on_conflict` is `queue one`; an aborted one counts as
    FAILED. Variables that steps of this run defined are there in the other scenario too, where its own definitions
    win; what comes back is the step's output. No scenario may run itself, over others either.

    Example:
        type: run_scenario
        scenario: recursive_mes
        params: {quarter: Q2}
    """

    scenario: ScenarioName = Field(description="Which scenario.")
    project: str = Field(default="", description="Key of its project; this one when empty.")
    params: dict[str, Any] = Field(
        default_factory=dict, description="What the run can read as scenarioTriggerParam_<name>."
    )

    @property
    def caption(self) -> str:
        given = ", ".join(text_of(value) for value in self.params.values())
        told = f" ({given})" if given and len(given) <= LONGEST else ""
        return f"{self.kind_name()} {self.scenario}{told}"

    def run(self, ctx: StepContext) -> StepResult:
        params = expand(self.params, ctx.variables, where=f"step {ctx.label}")
        run = ctx.run_scenario(ctx.expand(self.scenario), project=ctx.expand(self.project), params=params)
        outcome = run.outcome or Outcome.FAILED
        output = {"project": run.project, "scenario": run.scenario, "run": run.id, "outcome": str(outcome)}
        counts = Outcome.FAILED if outcome is Outcome.ABORTED else outcome
        return StepResult(counts, output=output, message=_said(run, outcome))


def _said(run: ScenarioRun, outcome: Outcome) -> str:
    if outcome is Outcome.SUCCESS:
        return ""
    ended = "was aborted" if outcome is Outcome.ABORTED else f"ended {outcome}"
    return f"Run {run.id} of scenario {run.scenario} {ended}. {run.message}".rstrip()
