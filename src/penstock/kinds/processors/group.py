"""Several steps under one title, switched off together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field, SerializeAsAny

from penstock.core.kind import of
from penstock.core.prepare import PrepareContext, Processor

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Group(Processor):
    """Several steps under one title; they are shown, switched off and moved together.

    Example:
        type: group
        title: Clean the texts
        steps:
          - {type: string_transform, columns: [city], do: [trim]}
          - {type: remove_empty, columns: [city]}
    """

    LABEL: ClassVar[str] = "Group of steps"
    COLUMNS: ClassVar[Literal["none", "one", "list", "pattern"]] = "none"

    title: str = Field(default="", description="What the group is for.")
    steps: tuple[Annotated[SerializeAsAny[Processor], *of("processors")], ...] = Field(
        default=(), description="Done in this order; a disabled one is skipped."
    )

    def apply(self, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        for step in self.steps:
            if not step.disabled:
                table = step.apply(table, ctx)
        return table

    def translatable(self) -> bool:
        return all(step.disabled or step.translatable() for step in self.steps)
