"""SQL: a SELECT over the inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.core.names import InputDataset, OutputDataset
from penstock.core.recipe import Recipe
from penstock.core.schema import Schema
from penstock.core.variables import expand_text

if TYPE_CHECKING:
    from penstock.core.contexts import RecipeContext
    from penstock.core.ports import Session


class Sql(Recipe):
    """Runs a SELECT in DuckDB's SQL over its inputs, which are tables by their names; `${variables}` are filled in.

    The query stands in a file beside the recipe's, `<name>.sql`: `SELECT origin, avg(arr_delay) AS delay FROM
    flights GROUP BY origin`. Of several SELECTs the last one counts. It can reach its inputs and nothing else: no
    other file, no network, no setting.

    Example:
        type: sql
        inputs: [flights]
        output: delay_by_origin
    """

    BODY: ClassVar[str] = ".sql"
    CATEGORY: ClassVar[str] = "code"

    inputs: tuple[InputDataset, ...] = Field(default=(), description="Datasets the query may read.")
    output: OutputDataset = Field(description="Where the rows go.")
    body: str = Field(default="", description="The SQL.")

    def run(self, ctx: RecipeContext) -> None:
        sql = ctx.expand(self.body)
        ctx.write(self.output, ctx.query(sql, {name: ctx.parquet(name) for name in self.inputs}))

    def validated(
        self, session: Session, inputs: Mapping[str, Schema], variables: Mapping[str, object]
    ) -> Schema:
        """The columns the query gives for inputs with these columns, without running it. Raises what is wrong."""
        sql = expand_text(self.body, variables, where="the SQL")
        return session.describe(sql, {name: inputs[name] for name in self.inputs})
