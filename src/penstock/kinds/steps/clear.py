"""Clear: empty managed objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from penstock.core.names import Target
from penstock.core.outcome import Outcome
from penstock.core.scenario import Step, StepResult

if TYPE_CHECKING:
    from penstock.core.contexts import StepContext


class Clear(Step):
    """Empties managed datasets, folders and evaluation stores. External data is never cleared.

    Example:
        type: clear
        items: [transactions_scored]
    """

    items: tuple[Target, ...] = Field(min_length=1, description="What to empty.")

    def run(self, ctx: StepContext) -> StepResult:
        for item in self.items:
            ctx.clear(ctx.expand(item))
        return StepResult(Outcome.SUCCESS)
