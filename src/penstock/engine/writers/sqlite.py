"""SQLite: one file, one writer at a time; a swap is one transaction."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from penstock.core.naming import TableName
from penstock.engine.writers.rows import RowsWriter
from penstock.engine.writers.writer import BOOK


class SqliteWriter(RowsWriter):
    """One connection to the file. Whether a writer lives is told by its process, which must be of this machine."""

    MARK = "?"
    TYPES: ClassVar[Mapping[str, str]] = {
        "string": "TEXT", "int16": "SMALLINT", "int32": "INTEGER", "int64": "BIGINT", "float": "DOUBLE",
        "double": "DOUBLE", "bool": "BOOLEAN", "date32[day]": "DATE", "binary": "BLOB", "timestamp": "TIMESTAMP",
        "timestamp_tz": "TIMESTAMPTZ",
    }  # fmt: skip

    @property
    def is_open(self) -> bool:
        return bool(self._closed.alive)

    def answers(self) -> bool:
        return True

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        if self.con.in_transaction:
            yield
            return
        self.con.execute("BEGIN IMMEDIATE")
        with contextlib.ExitStack() as failing:
            failing.callback(self.con.rollback)
            yield
            failing.pop_all()
        self.con.execute("COMMIT")

    def prepare(self, schema: str) -> None:
        self.run(
            f"CREATE TABLE IF NOT EXISTS {BOOK} (name TEXT PRIMARY KEY, target TEXT NOT NULL, owner TEXT NOT NULL, "
            "lock BIGINT, id TEXT, num_rows BIGINT, num_bytes BIGINT, columns TEXT, written_at TEXT, job TEXT)"
        )

    def claim(self, aside: TableName, target: TableName, owner: str) -> None:
        self.run(
            f"INSERT INTO {BOOK} (name, target, owner, lock) VALUES (%s, %s, %s, %s)",
            aside.table, target.table, owner, _process(os.getpid()),
        )  # fmt: skip

    def wait_for(self, table: TableName) -> None:
        """A transaction of SQLite is alone anyway."""

    def sweep(self, schema: str) -> int:
        if not self.exists(TableName(BOOK)):
            return 0
        with self.transaction():
            found = self.rows(f"SELECT name, lock FROM {BOOK} WHERE target <> ''")
            left = [name for name, lock in found if _process(lock >> 32) != lock]
            for name in left:
                self.drop(TableName(name))
                self.forget(TableName(name))
        return len(left)

    def exists(self, table: TableName) -> bool:
        return bool(self.rows("SELECT 1 FROM sqlite_master WHERE name = %s", table.table))

    def bytes(self, table: TableName) -> int:
        """SQLite does not tell it of one table."""
        return 0

    def swap(self, aside: TableName, target: TableName) -> None:
        self.drop(target)
        self.run(f"ALTER TABLE {self.name(aside)} RENAME TO {self.quoted(target.table)}")
        self.forget(aside)

    def name(self, table: TableName) -> str:
        return self.quoted(table.table)

    def run(self, sql: str, *values: Any) -> None:
        self.con.execute(sql.replace("%s", "?"), values)

    def rows(self, sql: str, *values: Any) -> Sequence[tuple[Any, ...]]:
        return list(self.con.execute(sql.replace("%s", "?"), values).fetchall())


def _process(pid: int) -> int:
    """A number for a process that no later one of the same pid has; 0 for one that is gone."""
    import psutil

    try:
        started = psutil.Process(pid).create_time()
    except psutil.Error:
        return 0
    return (pid << 32) | (int(started * 100) & 0xFFFFFFFF)
