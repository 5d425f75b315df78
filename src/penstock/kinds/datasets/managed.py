"""Managed datasets: what recipes write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core import registry
from penstock.core.dataset import Dataset, SourceFile
from penstock.core.errors import SourceNotReady
from penstock.core.names import ConnectionName
from penstock.core.placement import Place

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from penstock.core.contexts import DatasetContext


class Managed(Dataset):
    """Rows that a recipe writes. Penstock keeps them as Parquet snapshots: each build writes a new one aside
    and swaps it in whole; the earlier ones stay readable for a while.

    With a connection to a database the rows are a table there instead: written aside, swapped in by one transaction;
    only the newest is kept. Recipes whose datasets all live there run inside the database. With a file connection
    the snapshots lie there, behind a pointer that is replaced last.

    Example:
        type: managed
        short_description: Flights with the weather at their origin
        schema_mode: strict
        columns:
          - {name: distance, type: int}
    """

    MANAGED: ClassVar[bool] = True

    connection: ConnectionName = Field(
        default="",
        description="Database or file connection that keeps the rows; files of this node when empty.",
    )
    db_schema: str = Field(
        default="",
        alias="schema",
        description="In a database: schema of the table; by the connection's rules when empty.",
    )
    table: str = Field(
        default="",
        description="In a database: name of the table; by the connection's rules when empty. May use `${projectKey}`.",
    )

    model_config = {"populate_by_name": True}

    def database(self) -> str:
        return self.connection

    def read(self, ctx: DatasetContext) -> ir.Table:
        self.check_ready(ctx)
        if self.connection and ctx.place == Place("database", self.connection):
            place = ctx.managed_table()
            return ctx.table(place.table, place.schema)
        parquet: Any = registry.kind("formats", "parquet")()
        files = ctx.fetched() if self.connection else ctx.snapshot_files()
        return parquet.scan([str(f) for f in files], (), ctx)

    def files(self, ctx: DatasetContext) -> list[SourceFile]:
        """The Parquet files of the home; none behind a connection: nothing is fetched to be listed."""
        if self.connection:
            return []
        seen = [(f, f.stat()) for f in ctx.snapshot_files()]
        return [SourceFile(f.name, s.st_size, s.st_mtime_ns // 1_000_000) for f, s in seen]

    def where(self) -> str:
        if self.connection:
            return f"on connection {self.connection}"
        return "in Penstock's own snapshots"

    def state(self, ctx: DatasetContext) -> str:
        snapshot = ctx.snapshot()
        return snapshot.id if snapshot else ""

    def check_ready(self, ctx: DatasetContext) -> None:
        if ctx.snapshot() is None:
            raise SourceNotReady(
                f"Dataset {ctx.name} has not been built yet.",
                hint=f"Build it first: penstock flow build {ctx.name}",
            )
