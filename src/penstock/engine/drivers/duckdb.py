"""DuckDB: a file of another program, by a connection of type sql."""

from __future__ import annotations

from typing import Any

from penstock.engine.drivers.driver import Driver, Selected, told_apart


class DuckdbDriver(Driver):
    """The calls that every Ibis backend has, by the backend that knows this DuckDB."""

    def __init__(self, backend: Any, address: str) -> None:
        from penstock.engine.backend import Backend

        super().__init__(Backend.from_connection(backend.con), address)

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        import duckdb

        return (*super().errors, duckdb.Error)

    def select(self, sql: str, rows: int) -> Selected:
        self._told_apart(sql)
        return super().select(sql, rows)

    def schema_of(self, sql: str) -> Any:
        self._told_apart(sql)
        return super().schema_of(sql)

    def _told_apart(self, sql: str) -> None:
        told_apart(name for name, *_ in self.backend.con.execute(f"DESCRIBE {sql}").fetchall())

    def interrupt(self) -> None:
        self.backend.con.interrupt()
