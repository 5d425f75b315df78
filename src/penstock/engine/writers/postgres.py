"""PostgreSQL: rows come by binary COPY, a swap is one transaction, and a dead writer's lock is free by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from penstock.core.naming import TableName
from penstock.engine.adbc import adbc
from penstock.engine.writers.writer import BOOK, Writer

if TYPE_CHECKING:
    import pyarrow as pa

NOTICED = "2s"
"""After which a server notices that whoever asked is gone."""
IN_ORDER = ("max_parallel_workers_per_gather = 0", "synchronize_seqscans = off")
"""With these a table is read in the order in which it was written: the same rows, the same model."""
PATIENCE = "60s"
"""How long a swap waits for those who still read the old table."""


class PostgresWriter(Writer):
    """One connection to a PostgreSQL server."""

    TYPES: ClassVar[Mapping[str, str]] = {
        "string": "text", "int16": "smallint", "int32": "integer", "int64": "bigint", "float": "real",
        "double": "double precision", "bool": "boolean", "date32[day]": "date", "binary": "bytea",
        "timestamp": "timestamp", "timestamp_tz": "timestamptz",
    }  # fmt: skip

    @property
    def is_open(self) -> bool:
        return not self.con.closed

    @property
    def is_broken(self) -> bool:
        return bool(self.con.broken)

    def answers(self) -> bool:
        import psycopg

        try:
            self.rows("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def transaction(self) -> Any:
        return self.con.transaction()

    def prepare(self, schema: str) -> None:
        if schema and not self.rows("SELECT 1 FROM pg_namespace WHERE nspname = %s", schema):
            with self.con.transaction():
                self._turn(schema)
                self.run(f"CREATE SCHEMA IF NOT EXISTS {self.quoted(schema)}")
        book = TableName(BOOK, schema)
        if not self.exists(book):
            with self.con.transaction():
                self._turn(f"{schema}.{BOOK}")
                self.run(
                    f"CREATE TABLE IF NOT EXISTS {self.name(book)} (name text PRIMARY KEY, target text NOT NULL, "
                    "owner text NOT NULL, lock bigint, id text, num_rows bigint, num_bytes bigint, columns text, "
                    "written_at text, job text)"
                )

    def claim(self, aside: TableName, target: TableName, owner: str) -> None:
        lock = self.rows("SELECT hashtextextended(%s, 0)", str(aside))[0][0]
        self.run("SELECT pg_advisory_lock_shared(%s)", lock)
        self.run(
            f"INSERT INTO {self.book(aside)} (name, target, owner, lock) VALUES (%s, %s, %s, %s)",
            aside.table, target.table, owner, lock,
        )  # fmt: skip

    def wait_for(self, table: TableName) -> None:
        self.run(f"SET LOCAL lock_timeout = '{PATIENCE}'")
        self._turn(str(table))

    def sweep(self, schema: str) -> int:
        book = TableName(BOOK, schema)
        if not self.exists(book):
            return 0
        found = self.rows(f"SELECT name, lock FROM {self.name(book)} WHERE target <> ''")
        return sum(self._swept(TableName(name, schema), lock) for name, lock in found)

    def exists(self, table: TableName) -> bool:
        return bool(self.rows("SELECT to_regclass(%s) IS NOT NULL", self.name(table))[0][0])

    def bytes(self, table: TableName) -> int:
        found = self.rows("SELECT pg_table_size(to_regclass(%s))", self.name(table))
        return int(found[0][0] or 0)

    def copy(self, table: TableName, rows: pa.RecordBatchReader) -> int:
        before = self._count(table)
        schema = table.schema or self.rows("SELECT current_schema()")[0][0]
        with adbc().connect(self.address) as con, con.cursor() as cursor:
            if not before:  # rows of a table that its own transaction emptied lie in the order they come
                cursor.execute(f"TRUNCATE {self.name(table)}")
            cursor.adbc_ingest(table.table, rows, mode="append", db_schema_name=schema)
            con.commit()
        return self._count(table) - before

    def create_as(self, table: TableName, select: str, driver: Any, schema: pa.Schema) -> int:
        return self._computed(table, f"CREATE TABLE {self.name(table)} AS {select}", driver)

    def insert_as(self, table: TableName, columns: Sequence[str], select: str, driver: Any) -> int:
        names = ", ".join(map(self.quoted, columns))
        return self._computed(table, f"INSERT INTO {self.name(table)} ({names}) {select}", driver)

    def analyze(self, table: TableName) -> None:
        self.run(f"ANALYZE {self.name(table)}")

    def swap(self, aside: TableName, target: TableName) -> None:
        """By renaming; where views of others stand on the old table, its rows are replaced instead."""
        import psycopg

        try:
            with self.con.transaction():
                self.drop(target)
                self.run(f"ALTER TABLE {self.name(aside)} RENAME TO {self.quoted(target.table)}")
        except psycopg.errors.DependentObjectsStillExist:
            self.run(f"TRUNCATE {self.name(target)}")
            self.run(f"INSERT INTO {self.name(target)} SELECT * FROM {self.name(aside)}")
            self.drop(aside)
        self.forget(aside)

    def type_of(self, kind: Any) -> str:
        import pyarrow.types as are

        return f"{self.type_of(kind.value_type)}[]" if are.is_list(kind) else super().type_of(kind)

    def _computed(self, table: TableName, statement: str, driver: Any) -> int:
        """Run a statement on the connection of whoever says it. It holds the table's lock too, for it may outlive its
        client; the server soon notices that nobody waits for it, and stops it."""
        con = driver.backend.con
        with con.transaction(), con.cursor() as cursor:
            cursor.execute(f"SET LOCAL client_connection_check_interval = '{NOTICED}'")
            for setting in IN_ORDER:
                cursor.execute(f"SET LOCAL {setting}")
            cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", (str(table),))
            cursor.execute(statement)
            return int(cursor.rowcount)

    def _swept(self, table: TableName, lock: int) -> bool:
        """Drop a table aside unless somebody holds its lock."""
        with self.con.transaction():
            if not self.rows("SELECT pg_try_advisory_xact_lock(%s)", lock)[0][0]:
                return False
            self.drop(table)
            self.forget(table)
        return True

    def _turn(self, what: str) -> None:
        """Wait for whoever does the same thing in another transaction."""
        self.run("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", what)

    def _count(self, table: TableName) -> int:
        return int(self.rows(f"SELECT count(*) FROM {self.name(table)}")[0][0])
