"""Prepare: a list of small steps over one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field, SerializeAsAny

from penstock.core.errors import Invalid, PenstockError
from penstock.core.kind import of
from penstock.core.names import InputDataset, OutputDataset
from penstock.core.prepare import PrepareContext, Processor
from penstock.kinds.recipes._table import TableRecipe

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Prepare(TableRecipe):
    """Cleans and enriches a dataset by a list of steps, one after the other; all of them run as one query.

    Example:
        type: prepare
        input: flights
        output: flights_prepared
        steps:
          - {type: parse_date, columns: [time_hour]}
          - {type: extract_date_parts, column: time_hour, parts: [month, weekday, hour]}
          - {type: formula, column: is_late, formula: "if(arr_delay > 15, 1, 0)", comment: the target}
          - {type: delete_columns, columns: [tailnum], disabled: true}
    """

    input: InputDataset = Field(description="The dataset to prepare.")
    output: OutputDataset = Field(description="Where the result goes.")
    steps: tuple[Annotated[SerializeAsAny[Processor], *of("processors")], ...] = Field(
        default=(), description="Done in this order; a disabled one is skipped."
    )

    def transform(self, *tables: ir.Table) -> ir.Table:
        table, ctx = tables[0], PrepareContext()
        for number, step in enumerate(self.steps, 1):
            if not step.disabled:
                table = self._applied(step, number, table, ctx)
        return table

    def untranslatable(self) -> list[str]:
        """The steps that a database cannot do, such as `3 python`; one of them keeps the recipe out of it."""
        active = [(n, step) for n, step in enumerate(self.steps, 1) if not step.disabled]
        return [f"{n} {step.kind_name()}" for n, step in active if not step.translatable()]

    def obstacle(self, engine: str) -> str:
        """The first step that only this process can do keeps the whole recipe here; it is named."""
        steps = self.untranslatable() if engine != "local" else []
        return f"Step {steps[0]} can be done in this process only." if steps else super().obstacle(engine)

    def _applied(self, step: Processor, number: int, table: ir.Table, ctx: PrepareContext) -> ir.Table:
        try:
            return step.apply(table, ctx)
        except PenstockError as error:
            raise Invalid(f"Step {number} ({step.kind_name()}): {error.message}", hint=error.hint) from error
