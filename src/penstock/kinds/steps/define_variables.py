"""Define variables: values for the rest of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field, model_validator

from penstock.core.formula import Formula
from penstock.core.outcome import Outcome
from penstock.core.scenario import Step, StepResult
from penstock.kinds.steps import _values

if TYPE_CHECKING:
    from penstock.core.contexts import StepContext


class DefineVariables(Step):
    """Sets variables for later steps, reporters, and recipes of jobs that this run starts; nobody else sees them.

    Example:
        type: define_variables
        values: {months: 3}
        formulas:
          start: inc(now(), -toNumber(months), 'months')
          label: "'since ' + start"
    """

    values: dict[str, Any] = Field(
        default_factory=dict, description="Fixed values; `${variables}` in texts are filled in."
    )
    formulas: dict[str, Formula] = Field(
        default_factory=dict, description="Name → formula, in order; later lines see earlier ones."
    )

    @model_validator(mode="after")
    def _named(self) -> DefineVariables:
        _values.check_names(self.values, self.formulas)
        return self

    def run(self, ctx: StepContext) -> StepResult:
        found = _values.computed(self.values, self.formulas, ctx.variables, where=f"step {ctx.label}")
        ctx.define(found)
        return StepResult(Outcome.SUCCESS, output=found)
