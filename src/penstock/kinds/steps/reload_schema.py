"""Reload schema: the columns of source datasets as their data has them now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from penstock.core.names import TargetDataset
from penstock.core.outcome import Outcome
from penstock.core.scenario import Step, StepResult

if TYPE_CHECKING:
    from penstock.core.contexts import StepContext


class ReloadSchema(Step):
    """Writes the columns that source datasets have now into their definitions.

    Types and descriptions of columns that were there before stay.

    Example:
        type: reload_schema
        items: [transactions]
    """

    items: tuple[TargetDataset, ...] = Field(min_length=1, description="Datasets.")

    def run(self, ctx: StepContext) -> StepResult:
        columns = {item: ctx.reload_schema(item) for item in (ctx.expand(item) for item in self.items)}
        return StepResult(
            Outcome.SUCCESS, output={item: [c.name for c in found] for item, found in columns.items()}
        )
