"""A table of a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from penstock.kinds.datasets._database import DatabaseDataset

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from penstock.core.contexts import DatasetContext


class SqlTable(DatabaseDataset):
    """The rows of a table or view that others keep in a database. Penstock reads it and never writes it.

    Its columns come from the database. A build that is not forced takes it as unchanged, for nobody tells us of
    changes there. Numbers with decimals become doubles; json, uuid and times of day become text.

    Example:
        type: sql_table
        connection: warehouse
        schema: sales
        table: transactions
    """

    db_schema: str = Field(
        default="", alias="schema", description="Schema it lies in; the connection's when empty."
    )
    table: str = Field(min_length=1, description="Table or view; may use `${variables}`.")

    model_config = {"populate_by_name": True}

    def rows(self, ctx: DatasetContext) -> ir.Table:
        return ctx.table(ctx.expand(self.table), ctx.expand(self.db_schema))

    def where(self) -> str:
        place = f"{self.db_schema}.{self.table}" if self.db_schema else self.table
        return f"in table {place} of connection {self.connection}"
