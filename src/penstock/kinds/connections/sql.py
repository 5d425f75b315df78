"""Sql: any other database that Ibis speaks to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.connection import Database
from penstock.kinds.connections._driver import answering, driver, tables_found

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
            found = tables_found(len(_tables(backend, self.db_schema)))
            said = f"{backend.name} {backend.version} answers; {found}"
        backend.disconnect()
        return said


def _tables(backend: Any, schema: str) -> list[Any]:
    """Its tables and views. DuckDB is asked itself: Ibis asks it by a call that it no longer has."""
    if backend.name != "duckdb":
        return list(backend.list_tables(database=schema or None))
    sql = "SELECT 1 FROM information_schema.tables WHERE table_schema = coalesce(nullif(?, ''), current_schema())"
    return list(backend.con.execute(sql, [schema]).fetchall())
