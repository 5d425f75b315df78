"""MariaDB and MySQL: answers through an unbuffered cursor, in a transaction that may only read."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from penstock.engine.drivers.driver import Driver, Selected, fetched

if TYPE_CHECKING:
    import ibis.expr.operations as ops

UNKNOWN_TABLE = 1146
BYTES = 63
"""The character set of what is no text."""


class MysqlDriver(Driver):
    """One connection; what Ibis cannot say in its SQL is said here."""

    def __init__(self, backend: Any, address: str) -> None:
        super().__init__(backend, address)
        backend.compiler = _compiler()

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        import pymysql

        return (*super().errors, pymysql.err.Error)

    def select(self, sql: str, rows: int) -> Selected:
        from pymysql.cursors import SSCursor

        con = self.backend.con
        with contextlib.ExitStack() as failing:
            open_ = failing.push(contextlib.ExitStack())
            con.query("START TRANSACTION READ ONLY")
            open_.callback(con.rollback)
            cursor = open_.enter_context(con.cursor(SSCursor))
            cursor.execute(sql)
            found = Selected(_schema(cursor), fetched(open_, cursor, rows))
            failing.pop_all()
        return found

    def schema_of(self, sql: str) -> Any:
        with self.backend.con.cursor() as cursor:
            cursor.execute(f"SELECT * FROM (\n{sql}\n) AS penstock_rows LIMIT 0")
            return _schema(cursor)

    def table_schema(self, name: str, schema: str | None) -> Any:
        """As Ibis has it; `tinyint(1)` is what these servers make of a boolean, and `year` holds four digits."""
        import ibis.expr.datatypes as dt
        import ibis.expr.schema as sch
        from ibis.common.exceptions import TableNotFound
        from pymysql.err import ProgrammingError

        place = ".".join("`" + part.replace("`", "``") + "`" for part in (schema, name) if part)
        with self.backend.con.cursor() as cursor:
            try:
                cursor.execute(f"DESCRIBE {place}")
            except ProgrammingError as error:
                raise TableNotFound(name) if error.args[0] == UNKNOWN_TABLE else error from error
            described = cursor.fetchall()
        read = self.backend.compiler.type_mapper.from_string
        special = {"tinyint(1)": dt.boolean, "year": dt.int32, "year(4)": dt.int32}
        return sch.Schema({column: special.get(kind) or _plain(read(kind)) for column, kind, *_ in described})

    def interrupt(self) -> None:
        """Ask the server, by another connection, to stop what this one runs."""
        import copy

        con = self.backend.con
        other = copy.copy(con)
        other._sock, other._rfile = None, None
        other.connect()
        with contextlib.closing(other):
            other.query(f"KILL QUERY {con.thread_id()}")

    def close(self) -> None:
        con = self.backend.con
        con._force_close()  # an unbuffered answer may be under way; a polite farewell would read it to its end


def _schema(cursor: Any) -> Any:
    """The columns of a cursor in Ibis's types."""
    import ibis.expr.schema as sch

    return sch.Schema({field.name: _type(field) for field in cursor._result.fields})


def _type(field: Any) -> Any:
    """The type of one column of an answer. Texts that are compared byte by byte (`utf8mb4_bin`, json) are texts."""
    import ibis.expr.datatypes as dt
    from ibis.backends.mysql.datatypes import _type_from_cursor_info

    found = _type_from_cursor_info(
        flags=field.flags, type_code=field.type_code, field_length=field.length, scale=field.scale,
        multi_byte_maximum_length=4,
    )  # fmt: skip
    return dt.string if found.is_binary() and field.charsetnr != BYTES else _plain(found)


def _plain(kind: Any) -> Any:
    """A SET comes as a text, its words with commas between them."""
    import ibis.expr.datatypes as dt

    return dt.string if kind.is_array() else kind


def _compiler() -> Any:
    """Ibis's compiler, which knows besides that a number of these servers is never NaN and never infinite."""
    import sqlglot.expressions as sge
    from ibis.backends.sql.compilers.mysql import MySQLCompiler

    class Compiler(MySQLCompiler):
        def visit_IsNan(self, op: ops.IsNan, *, arg: Any) -> Any:
            return sge.false()

        def visit_IsInf(self, op: ops.IsInf, *, arg: Any) -> Any:
            return sge.false()

    return Compiler()
