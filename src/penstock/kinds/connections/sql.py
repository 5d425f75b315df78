"""Sql: any other database that Ibis speaks to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.connection import Database
from penstock.core.counting import counted
from penstock.kinds.connections._driver import answering, driver

if TYPE_CHECKING:
    from penstock.core.contexts import ConnectionContext


class Sql(Database):
    """Any other database that Ibis speaks to, by its URL: Snowflake, BigQuery, ClickHouse, Trino, Oracle …

    Penstock reads it: tables and queries are datasets. The driver must be installed beside Penstock, such as
    `pip install 'ibis-framework[trino]'`. Give it a login that may only read; nothing here keeps a query from writing.

    Example:
        type: sql
        url: trino://penstock@trino.example.org:8443/hive
        writable: false
    """

    MAIN: ClassVar[tuple[str, ...]] = ("url",)

    url: str = Field(
        min_length=1, description="As `ibis.connect` takes it, or `secret:NAME` when a password stands in it."
    )
    writable: bool = Field(default=False, description="Off: Penstock only reads there.")
    managed_datasets: bool = Field(default=False, description="Recipes may keep their outputs there.")

    def open(self, ctx: ConnectionContext) -> Any:
        ibis = driver("ibis", "studio")
        url = ctx.secret(self.url)
        with answering(url.partition("://")[0], Exception):
            return ibis.connect(url)

    def test(self, ctx: ConnectionContext) -> str:
        backend = self.open(ctx)
        with answering(backend.name, Exception):
            tables = backend.list_tables(database=self.db_schema or None)
            found = counted(len(tables), "table or view", "tables and views")
            said = f"{backend.name} {backend.version} answers; {found}"
        backend.disconnect()
        return said
