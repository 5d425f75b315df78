"""DatabaseDataset: rows in a database that others keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from penstock.core import registry
from penstock.core.dataset import Dataset
from penstock.core.names import ConnectionName
from penstock.core.placement import Place

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from penstock.core.contexts import DatasetContext


class DatabaseDataset(Dataset):
    """Rows in the database of a connection. There they are asked in place; elsewhere they are fetched first."""

    connection: ConnectionName = Field(min_length=1, description="Name of the connection to the database.")

    def database(self) -> str:
        return self.connection

    def rows(self, ctx: DatasetContext) -> ir.Table:
        """The rows on the database's own engine."""
        raise NotImplementedError

    def read(self, ctx: DatasetContext) -> ir.Table:
        if ctx.place == Place("database", self.connection):
            return self.rows(ctx)
        parquet: Any = registry.kind("formats", "parquet")()
        return parquet.scan([str(f) for f in ctx.fetched()], (), ctx)

    def state(self, ctx: DatasetContext) -> str:
        """Nobody can tell from outside whether rows changed there: they count as current until a build is forced."""
        return "outside"
