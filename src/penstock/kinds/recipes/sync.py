"""Sync: copy a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from penstock.core.errors import ActivityFailed
from penstock.core.names import InputDataset, OutputDataset
from penstock.core.native import IBIS, columns_of
from penstock.core.schema import Schema, differences
from penstock.kinds.recipes._table import TableRecipe

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from penstock.core.contexts import RecipeContext


class Sync(TableRecipe):
    """Copies a dataset into another one, row for row.

    Example:
        type: sync
        input: transactions
        output: transactions_copy
        schema_mode: by_name
    """

    input: InputDataset = Field(description="The dataset to copy.")
    output: OutputDataset = Field(description="Where the copy goes.")
    schema_mode: Literal["strict", "by_name"] = Field(
        default="strict",
        description="When the output declares columns. strict: the input must have exactly those. "
        "by_name: they are filled by name (upper and lower case matter), others are dropped, missing ones empty.",
    )

    def transform(self, *tables: ir.Table) -> ir.Table:
        return tables[0]

    def run(self, ctx: RecipeContext) -> None:
        table = ctx.read(self.input)
        ctx.write(self.output, self.shaped(table, ctx.project.dataset(self.output).columns))

    def shaped(self, table: ir.Table, columns: Schema) -> ir.Table:
        """The table with the columns the output declares; as it is when it declares none."""
        if not columns:
            return table
        return by_name(table, columns) if self.schema_mode == "by_name" else self._strict(table, columns)

    def _strict(self, table: ir.Table, columns: Schema) -> ir.Table:
        changes = differences(columns, columns_of(table.schema().to_pyarrow()))
        if changes:
            raise ActivityFailed(
                f"{self.input} does not have the columns that {self.output} declares: "
                f"{'; '.join(str(change) for change in changes)}.",
                hint="Correct the columns of the output, or set schema_mode: by_name.",
            )
        return table


def by_name(table: ir.Table, columns: Schema) -> ir.Table:
    """Exactly these columns in this order: those of the same name, empty ones for the rest."""
    import ibis

    chosen = {}
    for column in columns:
        native = IBIS.get(column.type)
        found = table[column.name] if column.name in table.columns else ibis.null(native or "string")
        chosen[column.name] = found.cast(native) if native else found
    return table.select(**chosen)
