"""Set project variables: values that stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field, model_validator

from penstock.core.formula import Formula
from penstock.core.outcome import Outcome
from penstock.core.scenario import Step, StepResult
from penstock.kinds.steps import _values

if TYPE_CHECKING:
    from penstock.core.contexts import StepContext


class SetProjectVariables(Step):
    """Sets variables of the project, which stay after the run; others keep their values.

    Example:
        type: set_project_variables
        values: {start: "2018-01-01"}
        formulas: {stop: "inc(asDate(start), 3, 'months')"}
    """

    values: dict[str, Any] = Field(
        default_factory=dict, description="Fixed values; `${variables}` in texts are filled in."
    )
    formulas: dict[str, Formula] = Field(
        default_factory=dict, description="Name → formula, in order; later lines see earlier ones."
    )
    local: bool = Field(default=False, description="Set them on this node only, never in git.")

    @model_validator(mode="after")
    def _named(self) -> SetProjectVariables:
        _values.check_names(self.values, self.formulas)
        return self

    def run(self, ctx: StepContext) -> StepResult:
        found = _values.computed(self.values, self.formulas, ctx.variables, where=f"step {ctx.label}")
        ctx.set_project_variables(found, local=self.local)
        return StepResult(Outcome.SUCCESS, output=found)
