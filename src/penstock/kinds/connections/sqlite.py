"""Sqlite: a database in one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from penstock.core.connection import Database
from penstock.core.errors import Failed
from penstock.kinds.connections._driver import answering, driver, tables_found

if TYPE_CHECKING:
    from penstock.core.contexts import ConnectionContext


class Sqlite(Database):
    """A SQLite database: one file on the server. Good for small tables and few writers.

    Example:
        type: sqlite
        path: /data/shop.db
        writable: false
    """

    MARKER: ClassVar[str] = "?"
    MAIN: ClassVar[tuple[str, ...]] = ("path",)

    path: str = Field(min_length=1, description="The file on the server.")

    def open(self, ctx: ConnectionContext) -> Any:
        con = self._connected(ctx)
        return driver("ibis.backends.sqlite", "postgres").Backend.from_connection(con)

    def plain(self, ctx: ConnectionContext) -> Any:
        return self._connected(ctx)

    def address(self, ctx: ConnectionContext) -> str:
        return str(Path(self.path).expanduser())

    def test(self, ctx: ConnectionContext) -> str:
        con = self._connected(ctx)
        with answering(self.path, _errors()):
            (tables,) = con.execute(
                "SELECT count(*) FROM sqlite_master WHERE type IN ('table', 'view')"
            ).fetchone()
            (version,) = con.execute("SELECT sqlite_version()").fetchone()
        con.close()
        found = tables_found(tables)
        return f"SQLite {version} opens it; {found}"

    def _connected(self, ctx: ConnectionContext) -> Any:
        import sqlite3

        file = Path(self.path).expanduser()
        if not file.is_file():
            raise Failed(f"There is no file {file}.", hint="Make it with sqlite3, or correct the path.")
        mode = "rw" if self.writable else "ro"
        with answering(self.path, _errors()):
            return sqlite3.connect(
                f"{file.absolute().as_uri()}?mode={mode}", uri=True, check_same_thread=False, isolation_level=None,
                timeout=ctx.timeout,
            )  # fmt: skip


def _errors() -> type[Exception]:
    import sqlite3

    return sqlite3.Error
