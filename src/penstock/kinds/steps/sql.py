"""SQL: ask datasets of the project, or a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from penstock.core.counting import counted
from penstock.core.names import ConnectionName
from penstock.core.outcome import Outcome
from penstock.core.scenario import Step, StepResult

if TYPE_CHECKING:
    from penstock.core.contexts import StepContext


class Sql(Step):
    """Runs one SELECT over datasets of the project, which are tables of the same name; the rows are its output.

    With a connection it is asked in that database, in its own SQL, and may read the tables there too.
    Later steps read `parseJson(stepOutput_<name>)['rows'][0][0]`.

    Example:
        type: sql
        name: the_sql
        query: SELECT count(*) FROM transactions WHERE month = '${month}'
    """

    connection: ConnectionName = Field(default="", description="Ask this database; DuckDB when empty.")
    query: str = Field(
        min_length=1, description="One SELECT in the SQL of the database; `${variables}` are filled in."
    )
    limit: int = Field(default=1000, ge=1, description="Most rows kept in the output.")

    def run(self, ctx: StepContext) -> StepResult:
        found = ctx.query(ctx.expand(self.query), self.limit, self.connection)
        rows = counted(found["totalRows"], "row")
        return StepResult(
            Outcome.SUCCESS, output={"success": True, "hasResultset": True, **found, "log": rows}
        )
