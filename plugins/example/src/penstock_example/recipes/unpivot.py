"""A recipe of the example plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from penstock.core.names import InputDataset, OutputDataset
from penstock.core.recipe import Recipe

if TYPE_CHECKING:
    from penstock.core.contexts import RecipeContext


class Unpivot(Recipe):
    """Turns columns into rows: one row for each kept row and unpivoted column.

    Example:
        type: example.unpivot
        input: sales_by_month
        columns: [january, february]
        name: month
        value: sold
        output: sales
    """

    input: InputDataset = Field(description="The wide dataset.")
    output: OutputDataset = Field(description="The long dataset.")
    columns: tuple[str, ...] = Field(min_length=1, description="The columns that become rows.")
    name: str = Field(default="name", description="Column that says which one it was.")
    value: str = Field(default="value", description="Column with its value.")

    def run(self, ctx: RecipeContext) -> None:
        table = ctx.read(self.input)
        ctx.write(self.output, table.pivot_longer(self.columns, names_to=self.name, values_to=self.value))
