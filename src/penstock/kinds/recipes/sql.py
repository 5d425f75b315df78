"""SQL: a SELECT over the inputs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from penstock.core.errors import ActivityFailed, NotFound
from penstock.core.names import InputDataset, ItemType, OutputDataset
from penstock.core.recipe import Recipe
from penstock.core.schema import Schema
from penstock.core.variables import expand_text

if TYPE_CHECKING:
    from penstock.core.contexts import RecipeContext
    from penstock.core.ports import Session


FORBIDDEN = frozenset({
    "ALTER", "ANALYZE", "ATTACH", "BEGIN", "CALL", "CHECKPOINT", "COMMENT", "COMMIT",
    "COPY", "CREATE", "DEALLOCATE", "DELETE", "DETACH", "DROP", "EXECUTE", "EXPORT",
    "IMPORT", "INSERT", "INSTALL", "LOAD", "MERGE", "PRAGMA", "PREPARE", "RESET",
    "ROLLBACK", "SET", "TRUNCATE", "UPDATE", "USE", "VACUUM",
})  # fmt: skip
"""First words of statements that do something else than SELECT."""


class Sql(Recipe):
    """Runs a SELECT over its inputs, which are tables by their names; `${variables}` are filled in. Its words are
    DuckDB's, or those of the database it runs in: the one that all its datasets live in.

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
    ENGINES: ClassVar[frozenset[str]] = frozenset({"local", "database"})

    inputs: tuple[InputDataset, ...] = Field(default=(), description="Datasets the query may read.")
    output: OutputDataset = Field(description="Where the rows go.")
    body: str = Field(default="", description="The SQL.")

    def flaws(self) -> list[str]:
        first = (words[0].upper() for words in map(str.split, _plain(self.body).split(";")) if words)
        return [
            f"A SQL recipe may only SELECT; this is {word}. Its output is written by Penstock."
            for word in dict.fromkeys(first)
            if word in FORBIDDEN
        ]

    def starter(self, types: Mapping[str, ItemType]) -> str:
        return f"SELECT *\nFROM {_quoted(self.inputs[0])}\n" if self.inputs else "SELECT 1 AS one\n"

    def run(self, ctx: RecipeContext) -> None:
        sql = ctx.expand(self.body)
        if ctx.place.engine == "database":
            ctx.write(self.output, ctx.select(sql, self.inputs))
            return
        tables = {name: ctx.parquet(name) for name in self.inputs}
        try:
            ctx.write(self.output, ctx.query(sql, tables))
        except NotFound as error:
            if error.what != "table" or error.name not in ctx.project.datasets:
                raise
            listed = ", ".join([*self.inputs, error.name])
            raise ActivityFailed(
                f"The SQL reads {error.name}, which is not among the inputs of recipe {ctx.recipe_name}.",
                hint=f"Add {error.name} to its inputs: `inputs: [{listed}]`.",
            ) from error

    def validated(
        self, session: Session, inputs: Mapping[str, Schema], variables: Mapping[str, object]
    ) -> Schema:
        """The columns the query gives for inputs with these columns, without running it. Raises what is wrong."""
        sql = expand_text(self.body, variables, where="the SQL")
        return session.describe(sql, {name: inputs[name] for name in self.inputs})


def _quoted(name: str) -> str:
    return name if name.isidentifier() else f'"{name}"'


def _plain(sql: str) -> str:
    """The text without comments and quoted parts, in which a semicolon ends nothing."""
    return re.sub(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$\$.*?\$\$", " ", sql, flags=re.S)
