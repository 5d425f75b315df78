"""SQLite: answers from an open cursor, while the connection may only read."""

from __future__ import annotations

import contextlib
from typing import Any

from penstock.engine.drivers.driver import Driver, Selected, fetched


class SqliteDriver(Driver):
    """One connection to the file."""

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        import sqlite3

        return (*super().errors, sqlite3.Error)

    def select(self, sql: str, rows: int) -> Selected:
        con = self.backend.con
        schema = self.schema_of(sql)
        with contextlib.ExitStack() as failing:
            open_ = failing.push(contextlib.ExitStack())
            con.execute("PRAGMA query_only = ON")
            open_.callback(con.execute, "PRAGMA query_only = OFF")
            cursor = open_.enter_context(contextlib.closing(con.execute(sql)))
            found = Selected(schema, fetched(open_, cursor, rows))
            failing.pop_all()
        return found

    def schema_of(self, sql: str) -> Any:
        """By a view that is made, looked at and dropped; what has no declared type has that of its first cell."""
        con = self.backend.con
        con.execute("DROP VIEW IF EXISTS temp.penstock_rows")
        con.execute(f"CREATE TEMPORARY VIEW penstock_rows AS\n{sql}")
        try:
            return self.backend.get_schema("penstock_rows", database="temp")
        finally:
            con.execute("DROP VIEW temp.penstock_rows")

    def interrupt(self) -> None:
        self.backend.con.interrupt()

    def close(self) -> None:
        self.backend.con.close()
