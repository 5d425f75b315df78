"""PostgreSQL: answers through a server-side cursor, many rows by COPY as Arrow (ADBC)."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from penstock.engine import answers
from penstock.engine.adbc import adbc
from penstock.engine.drivers.driver import Driver, Selected, fetched, told_apart

if TYPE_CHECKING:
    import pyarrow as pa

_numbers = itertools.count(1)


class PostgresDriver(Driver):
    """One connection for questions, and one for each stream."""

    def __init__(self, backend: Any, address: str) -> None:
        from penstock.engine.drivers.postgres_sql import Compiler

        super().__init__(backend, address)
        backend.compiler = Compiler()
        self._streams: list[Any] = []

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        import psycopg

        try:
            import adbc_driver_manager as manager
        except ImportError:
            return (*super().errors, psycopg.Error)
        return (*super().errors, psycopg.Error, manager.Error)

    def select(self, sql: str, rows: int) -> Selected:
        con = self.backend.con
        open_ = contextlib.ExitStack()
        with contextlib.ExitStack() as failing:
            failing.push(open_)
            open_.enter_context(con.transaction())
            con.execute("SET TRANSACTION READ ONLY")
            cursor = open_.enter_context(con.cursor(name=f"penstock_{next(_numbers)}"))
            cursor.execute(sql)
            found = Selected(self._schema(cursor), fetched(open_, cursor, rows))
            failing.pop_all()
        return found

    def schema_of(self, sql: str) -> Any:
        con = self.backend.con
        with con.transaction(), con.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
            cursor.execute(f"SELECT * FROM (\n{sql}\n) AS penstock_rows LIMIT 0", prepare=True)
            return self._schema(cursor)

    def typed(self, table: Any, select: str) -> str:
        return answers.typed_sql(self.backend, table, select)

    def stream(self, sql: str, schema: pa.Schema, rows: int) -> Iterator[pa.RecordBatch]:
        con = adbc().connect(self.address, autocommit=True)
        cursor = con.cursor()
        cursor.execute("SET default_transaction_read_only = on")
        cursor.execute("SET timezone = 'UTC'")
        cursor.execute("SET synchronize_seqscans = off")
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        self._streams.append(cursor)
        try:
            cursor.execute(sql)
            for batch in _said(cursor.fetch_record_batch()):
                yield from (batch.slice(start, rows).cast(schema) for start in range(0, batch.num_rows, rows))
        finally:
            self._streams.remove(cursor)
            cursor.close()
            con.close()

    def interrupt(self) -> None:
        self.backend.con.cancel_safe(timeout=5.0)
        for cursor in tuple(self._streams):
            cursor.adbc_cancel()

    def _schema(self, cursor: Any) -> Any:
        """The columns of a cursor in Ibis's types, asked from the server by their numbers."""
        import ibis.expr.schema as sch

        columns = cursor.description or ()
        told_apart([c.name for c in columns])
        modes = [cursor.pgresult.fmod(i) for i in range(len(columns))]
        words = self.backend.con.execute(
            "SELECT pg_catalog.format_type(kind, mode) FROM unnest(%s::oid[], %s::int[]) "
            "WITH ORDINALITY AS of(kind, mode, place) ORDER BY place",
            [[c.type_code for c in columns], modes],
        ).fetchall()
        read = self.backend.compiler.type_mapper.from_string
        return sch.Schema({c.name: read(word) for c, (word,) in zip(columns, words, strict=True)})


def _said(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """The batches of a stream; what goes wrong under way is an error of the driver, as before it began."""
    import psycopg

    try:
        yield from reader
    except OSError as error:
        raise psycopg.OperationalError(str(error)) from error
