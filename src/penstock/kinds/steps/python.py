"""Python: run a script that may do anything a scenario can."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, field_validator

from penstock.core import scenario
from penstock.core.environment import EnvironmentName
from penstock.core.scenario import Step, StepResult

if TYPE_CHECKING:
    from penstock.core.contexts import StepContext


class Python(Step):
    """Runs a script in a child process. An exception makes the step FAILED; what it prints stands in the log.

    `from penstock.scenario import Scenario` gives it everything steps can do; what it does that way shows up as part
    of this step. `Scenario().set_output(value)` becomes `stepOutput_<name>`.

    Example:
        type: python
        name: months
        code: |
          from penstock.scenario import Scenario

          Scenario().set_output(["April", "May"])
    """

    code: str = Field(min_length=1, description="The script.")
    code_environment: EnvironmentName = Field(
        default="",
        description="Code environment it runs in; the project's when empty, `builtin` for the node's own Python.",
    )

    @field_validator("code")
    @classmethod
    def _parses(cls, code: str) -> str:
        return scenario.script(code)

    def run(self, ctx: StepContext) -> StepResult:
        return ctx.python(self.code, self.code_environment)
