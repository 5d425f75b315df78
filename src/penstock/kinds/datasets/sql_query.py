"""A query of a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from penstock.kinds.datasets._database import DatabaseDataset

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from penstock.core.contexts import DatasetContext


class SqlQuery(DatabaseDataset):
    """The rows that a SELECT in the database's own SQL gives, asked anew each time. It can change nothing there.

    Example:
        type: sql_query
        connection: warehouse
        query: SELECT * FROM sales.transactions WHERE purchase_date >= DATE '2017-01-01'
    """

    query: str = Field(min_length=1, description="One SELECT in the database's SQL; may use `${variables}`.")

    def rows(self, ctx: DatasetContext) -> ir.Table:
        return ctx.query(ctx.expand(self.query))

    def where(self) -> str:
        return f"in a query of connection {self.connection}"
