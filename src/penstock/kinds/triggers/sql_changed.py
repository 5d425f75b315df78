"""SqlChanged: another answer to a query."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import Field

from penstock.core.names import ConnectionName
from penstock.core.trigger import LEFT_OVER, Sight, Watching

if TYPE_CHECKING:
    from penstock.core.contexts import TriggerContext


class SqlChanged(Watching):
    """Starts the scenario when a query over datasets of the project answers something else than before.

    With a connection it is asked in that database, in its own SQL, and may read the tables there too.
    The scenario reads the answer as `scenarioTriggerParam_rows`.

    Example:
        type: sql_changed
        query: SELECT max(day) FROM transactions
    """

    connection: ConnectionName = Field(default="", description="Ask this database; DuckDB when empty.")
    query: str = Field(
        min_length=1, description="One SELECT in the SQL of the database; `${variables}` are filled in."
    )
    limit: int = Field(default=1000, ge=1, description="Most rows that are compared and handed on.")
    timeout: float = Field(default=300.0, gt=0, description="Seconds the query may take; then it is stopped.")

    @property
    def words(self) -> str:
        return f"when a query answers something else, asked every {self.check:g} s"

    def hold(self) -> timedelta:
        return LEFT_OVER + timedelta(seconds=self.timeout)

    def look(self, ctx: TriggerContext) -> Sight:
        answer = ctx.query(self.query, self.limit, self.timeout, self.connection)
        told = {"columns": answer["columns"], "rows": answer["rows"]}
        return Sight(told, told)
