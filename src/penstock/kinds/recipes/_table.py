"""TableRecipe: a recipe that is one expression over its inputs, which any engine can run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar, Self

from penstock.core.errors import ColumnMissing
from penstock.core.lineage import Relation
from penstock.core.native import columns_of
from penstock.core.recipe import Recipe
from penstock.core.schema import Schema
from penstock.core.variables import expand
from penstock.kinds.recipes._lineage import origins

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from penstock.core.contexts import RecipeContext


class TableRecipe(Recipe):
    """A visual recipe: `transform` gives its outputs as Ibis expressions over its inputs.

    `transform` receives one table per name in `reads`, in that order, and returns the table of its only output, or
    output name → table. It touches no data, so `schemas` can tell the columns of the outputs beforehand.
    """

    ENGINES: ClassVar[frozenset[str]] = frozenset({"local", "database", "spark"})

    def transform(self, *tables: ir.Table) -> ir.Table | dict[str, ir.Table]:
        raise NotImplementedError

    def run(self, ctx: RecipeContext) -> None:
        recipe = self.ready(ctx)
        tables = [ctx.read(name) for name in recipe.reads]
        for output, table in recipe.results(*tables).items():
            ctx.write(output, table)

    def ready(self, ctx: RecipeContext) -> Self:
        """The recipe as it runs now: `${variables}` filled in. Raises UndefinedVariable."""
        return expand(self, ctx.variables, where=f"recipe {ctx.recipe_name}")

    def results(self, *tables: ir.Table) -> dict[str, ir.Table]:
        """Output name → table, also for recipes with one output."""
        found = self.transform(*tables)
        return found if isinstance(found, dict) else {self.writes[0]: found}

    def schemas(self, inputs: Mapping[str, Schema]) -> dict[str, Schema]:
        """Output name → columns, for inputs with these columns. Raises ColumnMissing and the like, runs nothing."""
        tables = (unbound(name, inputs[name]) for name in self.reads)
        return {name: columns_of(t.schema().to_pyarrow()) for name, t in self.results(*tables).items()}

    def lineage(self, name: str, schemas: Mapping[str, Schema]) -> list[Relation]:
        """Read off the expressions: sure, and nothing is guessed."""
        tables = [unbound(item, schemas[item]) for item in self.reads]
        return [
            Relation(source, column, output, target, name)
            for output, table in self.results(*tables).items()
            for target, found in origins(table).items()
            for source, column in sorted(found)
        ]


def unbound(name: str, columns: Schema) -> ir.Table:
    """A table without data or engine, to ask an expression for its columns."""
    import ibis

    from penstock.core.native import IBIS

    return ibis.table({c.name: IBIS.get(c.type, "json") for c in columns}, name=name)


def need(table: ir.Table, columns: Iterable[str], *, dataset: str, by: str = "") -> None:
    """Raise ColumnMissing, with the nearest name, for the first column that the table lacks."""
    for column in columns:
        if column not in table.columns:
            raise ColumnMissing(column, dataset=dataset, near=table.columns, needed_by=by)
