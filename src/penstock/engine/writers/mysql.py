"""MariaDB and MySQL: no transaction holds a table's making or renaming, so the book says first what will be current.

The facts of a written table stand in the book before it is renamed. Who finds facts of a table aside that is not
there any more knows that it was renamed: the swap is done, and only its book-keeping is left.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from penstock.core.naming import TableName
from penstock.engine.writers.rows import RowsWriter
from penstock.engine.writers.writer import BOOK, FACTS


class MysqlWriter(RowsWriter):
    """One connection to the server."""

    TYPES: ClassVar[Mapping[str, str]] = {
        "string": "LONGTEXT", "int16": "SMALLINT", "int32": "INT", "int64": "BIGINT", "float": "FLOAT",
        "double": "DOUBLE", "bool": "TINYINT(1)", "date32[day]": "DATE", "binary": "LONGBLOB",
        "timestamp": "DATETIME(6)", "timestamp_tz": "TIMESTAMP(6) NULL DEFAULT NULL",
    }  # fmt: skip

    @property
    def is_open(self) -> bool:
        return bool(self.con.open)

    def answers(self) -> bool:
        import pymysql

        try:
            self.con.ping(reconnect=False)
        except pymysql.err.Error:
            return False
        return True

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        self.run("START TRANSACTION")
        with contextlib.ExitStack() as failing:
            failing.callback(self.con.rollback)
            yield
            failing.pop_all()
        self.con.commit()

    def prepare(self, schema: str) -> None:
        if schema:
            self.run(f"CREATE DATABASE IF NOT EXISTS {self.quoted(schema)}")
        if not self.exists(TableName(BOOK, schema)):
            self.run(
                f"CREATE TABLE IF NOT EXISTS {self.name(TableName(BOOK, schema))} (name VARCHAR(64) PRIMARY KEY, "
                "target VARCHAR(64) NOT NULL, owner VARCHAR(250) NOT NULL, `lock` VARCHAR(64), id VARCHAR(40), "
                "num_rows BIGINT, num_bytes BIGINT, `columns` LONGTEXT, written_at VARCHAR(40), job VARCHAR(250))"
            )

    def claim(self, aside: TableName, target: TableName, owner: str) -> None:
        self.run("DO GET_LOCK(%s, 0)", aside.table)
        self.run(
            f"INSERT INTO {self.book(aside)} (name, target, owner, `lock`) VALUES (%s, %s, %s, %s)",
            aside.table, target.table, owner, aside.table,
        )  # fmt: skip

    def wait_for(self, table: TableName) -> None:
        """Until it ends, the statement that renames is alone."""

    def sweep(self, schema: str) -> int:
        book = TableName(BOOK, schema)
        if not self.exists(book):
            return 0
        found = self.rows(
            f"SELECT name, target FROM {self.name(book)} WHERE target <> '' AND IS_FREE_LOCK(`lock`)"
        )
        for name, target in found:
            self.abandon(TableName(name, schema), TableName(target, schema))
        return len(found)

    def abandon(self, aside: TableName, target: TableName) -> None:
        """As others; but one that was renamed already is current, and the book says so from now on."""
        if aside in self._renamed(target):
            self._promote(aside, target)
        else:
            super().abandon(aside, target)

    def exists(self, table: TableName) -> bool:
        return bool(self.rows(
            "SELECT 1 FROM information_schema.tables WHERE table_name = %s "
            "AND table_schema = COALESCE(NULLIF(%s, ''), database())", table.table, table.schema,
        ))  # fmt: skip

    def bytes(self, table: TableName) -> int:
        found = self.rows(
            "SELECT data_length FROM information_schema.tables WHERE table_name = %s "
            "AND table_schema = COALESCE(NULLIF(%s, ''), database())", table.table, table.schema,
        )  # fmt: skip
        return int(found[0][0] or 0) if found else 0

    def facts(self, table: TableName) -> dict[str, Any] | None:
        for aside in self._renamed(table):
            self._promote(aside, table)
        return super().facts(table)

    def swap(self, aside: TableName, target: TableName) -> None:
        self.swap_all([(aside, target)])

    def swap_all(self, pairs: Sequence[tuple[TableName, TableName]]) -> None:
        """By one RENAME of all, which the server does wholly or not; what the old ones held goes afterwards."""
        moves: list[tuple[TableName, TableName]] = []
        for aside, target in pairs:
            if self.exists(target):
                moves.append((target, _old(aside)))
            moves.append((aside, target))
        self.run("RENAME TABLE " + ", ".join(f"{self.name(a)} TO {self.name(b)}" for a, b in moves))
        for aside, _ in pairs:
            self.drop(_old(aside))

    def remember(self, table: TableName, owner: str, facts: Mapping[str, Any]) -> None:
        """In one step with forgetting what was promised."""
        with self.transaction():
            super().remember(table, owner, facts)
            self.run(f"DELETE FROM {self.book(table)} WHERE target = %s AND id IS NOT NULL", table.table)

    def promise(self, aside: TableName, facts: Mapping[str, Any]) -> None:
        """Write what a table aside will be, before it becomes that."""
        words = ", ".join(f"{self.quoted(name)} = %s" for name in facts)
        self.run(f"UPDATE {self.book(aside)} SET {words} WHERE name = %s", *facts.values(), aside.table)
        self.con.commit()

    def quoted(self, word: str) -> str:
        return "`" + word.replace("`", "``") + "`"

    def _renamed(self, table: TableName) -> list[TableName]:
        """Tables aside that became this one, and whose book-keeping is left."""
        if not self.exists(TableName(BOOK, table.schema)):
            return []
        found = self.rows(
            f"SELECT name FROM {self.book(table)} WHERE target = %s AND id IS NOT NULL", table.table
        )
        return [TableName(n, table.schema) for (n,) in found if not self.exists(TableName(n, table.schema))]

    def _promote(self, aside: TableName, target: TableName) -> None:
        """Write into the book that a table aside has become the current one."""
        names = ", ".join(map(self.quoted, FACTS))
        found = self.rows(f"SELECT owner, {names} FROM {self.book(aside)} WHERE name = %s", aside.table)
        for owner, *values in found:
            self.remember(target, owner, dict(zip(FACTS, values, strict=True)))
        self.drop(_old(aside))


def _old(aside: TableName) -> TableName:
    """What a table is called that was replaced by this one, until it is dropped."""
    return TableName(f"{aside.table[-50:]}__old", aside.schema)
