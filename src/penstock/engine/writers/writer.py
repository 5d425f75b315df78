"""Writer: one connection that writes tables of managed datasets, in the words most databases share."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from penstock.core.naming import TableName

if TYPE_CHECKING:
    import pyarrow as pa

BOOK = "penstock_tables"
FACTS = ("id", "num_rows", "num_bytes", "columns", "written_at", "job")


class Writer:
    """One open connection of a database, with which managed datasets are written. `%s` stands for a value."""

    TYPES: ClassVar[Mapping[str, str]] = {}
    """Arrow type → the type of a column."""

    def __init__(self, backend: Any, address: str) -> None:
        self.con, self.address = backend.con, address
        self._closed = weakref.finalize(self, _close, self.con)

    @property
    def is_open(self) -> bool:
        raise NotImplementedError

    @property
    def is_broken(self) -> bool:
        """Whether the server is gone: nothing can be tidied up any more."""
        return False

    def close(self) -> None:
        """Give the connection back, and with it every lock it holds; so does whoever forgets the writer."""
        self._closed()

    def answers(self) -> bool:
        """Whether the connection still works."""
        raise NotImplementedError

    def transaction(self) -> Any:
        """What is done inside happens all or not at all."""
        raise NotImplementedError

    def prepare(self, schema: str) -> None:
        """Make the schema, if it is named and not there, and the book of tables in it."""
        raise NotImplementedError

    def claim(self, aside: TableName, target: TableName, owner: str) -> None:
        """Note a table that is about to be written, under a lock that ends with this connection."""
        raise NotImplementedError

    def wait_for(self, table: TableName) -> None:
        """Until the end of the transaction nobody else swaps this table."""
        raise NotImplementedError

    def sweep(self, schema: str) -> int:
        """Drop the tables of writers that are gone; returns how many."""
        raise NotImplementedError

    def exists(self, table: TableName) -> bool:
        raise NotImplementedError

    def bytes(self, table: TableName) -> int:
        """Room that a table takes."""
        raise NotImplementedError

    def copy(self, table: TableName, rows: pa.RecordBatchReader) -> int:
        """Add rows as they come; returns how many."""
        raise NotImplementedError

    def create_as(self, table: TableName, select: str, driver: Any, schema: pa.Schema) -> int:
        """Make a table of a SELECT with these columns, on the connection of whoever says it; returns its rows."""
        raise NotImplementedError

    def swap(self, aside: TableName, target: TableName) -> None:
        """Put a written table into the place of another."""
        raise NotImplementedError

    def swap_all(self, pairs: Sequence[tuple[TableName, TableName]]) -> None:
        """The same for several (aside, target), all of them or none."""
        for aside, target in pairs:
            self.swap(aside, target)

    def analyze(self, table: TableName) -> None:
        """Let the database look at what it holds, so that it plans well."""

    def promise(self, aside: TableName, facts: Mapping[str, Any]) -> None:
        """Write what a table aside will be, before it becomes that; only where no transaction holds a renaming."""

    def insert_as(self, table: TableName, columns: Sequence[str], select: str, driver: Any) -> int:
        """Add the rows of a SELECT to a table; returns how many."""
        names = ", ".join(map(self.quoted, columns))
        cursor = driver.backend.con.cursor()
        cursor.execute(f"INSERT INTO {self.name(table)} ({names}) {select}")
        return int(cursor.rowcount)

    def create(self, table: TableName, schema: pa.Schema) -> None:
        """An empty table for rows of this Arrow schema."""
        columns = ", ".join(f"{self.quoted(f.name)} {self.type_of(f.type)}" for f in schema)
        self.run(f"CREATE TABLE {self.name(table)} ({columns})")

    def copy_table(self, source: TableName, target: TableName) -> int:
        """A table with the rows of another; returns how many."""
        self.run(f"CREATE TABLE {self.name(target)} AS SELECT * FROM {self.name(source)}")
        return int(self.rows(f"SELECT count(*) FROM {self.name(target)}")[0][0])

    def drop(self, table: TableName) -> None:
        self.run(f"DROP TABLE IF EXISTS {self.name(table)}")

    def abandon(self, aside: TableName, target: TableName) -> None:
        """Forget a table that was never swapped in."""
        self.drop(aside)
        self.forget(aside)

    def facts(self, table: TableName) -> dict[str, Any] | None:
        """What the book says of a table that is current; None when it does not, or the table is gone."""
        if not self.exists(TableName(BOOK, table.schema)) or not self.exists(table):
            return None
        found = self.rows(
            f"SELECT {', '.join(map(self.quoted, FACTS))} FROM {self.book(table)} WHERE name = %s AND target = ''",
            table.table,
        )
        return dict(zip(FACTS, found[0], strict=True)) if found else None

    def owner(self, table: TableName) -> str | None:
        """Whose table it is: `PROJECT.dataset`; None when the book does not know it, or it is gone."""
        if not self.exists(table):
            return None
        found = self.rows(
            f"SELECT owner FROM {self.book(table)} WHERE name = %s AND target = ''", table.table
        )
        return str(found[0][0]) if found else None

    def remember(self, table: TableName, owner: str, facts: Mapping[str, Any]) -> None:
        """Write into the book what a table holds now."""
        self.forget(table)
        names = ", ".join(["name", "target", "owner", *map(self.quoted, facts)])
        marks = ", ".join(["%s"] * (3 + len(facts)))
        self.run(
            f"INSERT INTO {self.book(table)} ({names}) VALUES ({marks})",
            table.table,
            "",
            owner,
            *facts.values(),
        )

    def forget(self, table: TableName) -> None:
        self.run(f"DELETE FROM {self.book(table)} WHERE name = %s", table.table)

    def move(self, source: TableName, target: TableName, *, owner: str) -> None:
        """Give a table another name, in its schema."""
        self.run(f"ALTER TABLE {self.name(source)} RENAME TO {self.quoted(target.table)}")
        self.forget(target)
        self.run(
            f"UPDATE {self.book(source)} SET name = %s, owner = %s WHERE name = %s",
            target.table, owner, source.table,
        )  # fmt: skip

    def type_of(self, kind: Any) -> str:
        """The column type for an Arrow type."""
        import pyarrow.types as are

        if are.is_timestamp(kind):
            return self.TYPES["timestamp_tz" if kind.tz else "timestamp"]
        return self.TYPES[str(kind)]

    def quoted(self, word: str) -> str:
        return '"' + word.replace('"', '""') + '"'

    def name(self, table: TableName) -> str:
        schema = f"{self.quoted(table.schema)}." if table.schema else ""
        return f"{schema}{self.quoted(table.table)}"

    def book(self, table: TableName) -> str:
        """The book in the schema of a table."""
        return self.name(TableName(BOOK, table.schema))

    def run(self, sql: str, *values: Any) -> None:
        with contextlib.closing(self.con.cursor()) as cursor:
            cursor.execute(sql, values or None)

    def rows(self, sql: str, *values: Any) -> Sequence[tuple[Any, ...]]:
        with contextlib.closing(self.con.cursor()) as cursor:
            cursor.execute(sql, values or None)
            return list(cursor.fetchall())


def _close(con: Any) -> None:
    with contextlib.suppress(Exception):
        con.close()
