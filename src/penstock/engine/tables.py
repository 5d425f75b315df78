"""The Tables port: managed datasets as tables of one database, written aside and swapped in by one transaction.

What is current stands in the table `penstock_tables` of the same schema, so that the facts travel with the rows. A
table that is being written is called `<table>__<id>` and stands there too, under a lock that its writer's connection
holds: when the writer dies, on whatever machine, the lock is free, and whoever writes next drops what it left.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core.dataset import Snapshot
from penstock.core.errors import ActivityFailed, Conflict, ConnectionNotWritable, Refused
from penstock.core.naming import LONGEST, TableName
from penstock.core.schema import Column
from penstock.engine import arrival
from penstock.engine.database import Keys, sentence

if TYPE_CHECKING:
    from penstock.core.connection import Database
    from penstock.core.ports import Clock, Session
    from penstock.core.schema import Schema
    from penstock.engine.writers.writer import Writer

BOOK = "penstock_tables"
WRITERS = {"postgres": "PostgresWriter", "mysql": "MysqlWriter", "sqlite": "SqliteWriter"}
IDLE = 4
"""Connections kept open for the next question."""


class DatabaseTables:
    """Managed datasets in the database of one connection."""

    def __init__(self, name: str, connection: Database, secret: Callable[[str], str], clock: Clock) -> None:
        self.name, self.connection, self.clock = name, connection, clock
        self._keys = Keys(secret)
        self._idle: list[Writer] = []
        self._lock = threading.Lock()

    def snapshot(self, table: TableName) -> Snapshot | None:
        """What a table holds; None when it was never written, or somebody dropped it."""
        place = self._placed(table)
        with self._at_work() as writer:
            row = writer.facts(place)
        return _snapshot(row) if row else None

    def begin(self, table: TableName, *, project: str, dataset: str) -> TableDraft:
        """A table aside, to be written; what dead writers left in that schema is gone. Raises ConnectionNotWritable,
        Refused for a table that is somebody else's."""
        if not (self.connection.writable and self.connection.managed_datasets):
            raise ConnectionNotWritable(self.name, by=[dataset])
        place, owner = self._placed(table), f"{project}.{dataset}"
        writer = self._taken()
        with self._translated(), contextlib.ExitStack() as failing:
            failing.callback(writer.close)
            writer.prepare(place.schema)
            writer.sweep(place.schema)
            self._check_owner(writer, place, owner)
            aside = replace(place, table=_aside(place.table))
            writer.claim(aside, place, owner)
            failing.pop_all()
        return TableDraft(self, writer, place, aside, owner)

    def finish(self, drafts: Sequence[TableDraft], *, job: str, after: str | None = None) -> list[Snapshot]:
        """Make written tables the current ones, all of them or none, in one transaction. With `after` only while
        that snapshot is the current one still: Conflict else."""
        now = self.clock.now()
        writer = drafts[0].writer
        with self._translated(), writer.transaction():
            found = [self._promised(writer, draft, now, job, after) for draft in drafts]
            writer.swap_all([(draft.aside, draft.place) for draft in drafts])
            for draft, facts in zip(drafts, found, strict=True):
                writer.remember(draft.place, draft.owner, _row(facts))
        for draft in drafts:
            draft.settled()
        return found

    def clear(self, table: TableName) -> None:
        """Drop a table and what is known of it. Raises Refused for one that is not ours."""
        place = self._placed(table)
        with self._at_work() as writer, writer.transaction():
            if writer.facts(place) is not None:
                writer.drop(place)
                writer.forget(place)

    def move(self, old: TableName, new: TableName, *, project: str, dataset: str) -> None:
        """Follow a dataset that was renamed; its rows stay as they are."""
        source, target = self._placed(old), self._placed(new)
        if source == target:
            return
        with self._at_work() as writer, writer.transaction():
            if writer.facts(source) is not None:
                self._check_owner(writer, target, f"{project}.{dataset}")
                writer.move(source, target, owner=f"{project}.{dataset}")

    def sweep(self, schema: str = "") -> int:
        """Drop what dead writers left in a schema; returns how many tables."""
        with self._at_work() as writer:
            return writer.sweep(schema or self.connection.db_schema)

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for writer in idle:
            writer.close()

    def _promised(
        self, writer: Writer, draft: TableDraft, now: datetime, job: str, after: str | None
    ) -> Snapshot:
        """What a table will hold that may take its place now; inside of the transaction."""
        writer.wait_for(draft.place)
        before = writer.facts(draft.place)
        if after is not None and (_snapshot(before).id if before else "") != after:
            raise Conflict(f"Table {draft.place} was written by somebody else meanwhile.")
        self._check_owner(writer, draft.place, draft.owner)
        facts = self._named(draft.facts(job), now, _snapshot(before) if before else None)
        writer.promise(draft.aside, _row(facts))
        return facts

    def _named(self, facts: Snapshot, now: datetime, before: Snapshot | None) -> Snapshot:
        """An id and instant later than those before, whatever the clock says."""
        if before is not None:
            now = max(now, before.written_at + timedelta(milliseconds=1))
        id = f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}-{self.clock.new_id(4)}"
        return replace(facts, id=id, written_at=now, fingerprint=sha256(id.encode()).hexdigest())

    def _check_owner(self, writer: Writer, place: TableName, owner: str) -> None:
        """Raise Refused for a table that Penstock did not write, or that belongs to another dataset."""
        known = writer.owner(place)
        if known is None and writer.exists(place):
            raise Refused(
                f"There is a table {place} in connection {self.name} that Penstock did not write; it is not replaced.",
                hint="Drop it there, or give the dataset another `table`.",
            )
        if known not in (None, owner):
            raise Refused(
                f"Table {place} of connection {self.name} holds dataset {known}; {owner} may not replace it.",
                hint="Give the dataset another `table`, or clear the other one first.",
            )

    def _placed(self, table: TableName) -> TableName:
        return table if table.schema else replace(table, schema=self.connection.db_schema)

    @contextlib.contextmanager
    def _at_work(self) -> Iterator[Writer]:
        writer = self._taken()
        with contextlib.ExitStack() as failing:
            failing.callback(writer.close)
            with self._translated():
                yield writer
            failing.pop_all()
        self._given_back(writer)

    def _taken(self) -> Writer:
        """A connection that answers: an idle one, or a fresh one."""
        while True:
            with self._lock:
                writer = self._idle.pop() if self._idle else None
            if writer is None:
                return self._opened()
            if writer.answers():
                return writer
            writer.close()

    def _given_back(self, writer: Writer) -> None:
        with self._lock:
            is_kept = len(self._idle) < IDLE
            if is_kept:
                self._idle.append(writer)
        if not is_kept:
            writer.close()

    def _opened(self) -> Writer:
        backend = self.connection.open(self._keys)
        if backend.name not in WRITERS:
            raise Refused(
                f"Recipes cannot write to connection {self.name}: it is of type {self.connection.kind_name()}.",
                hint="They write to connections of type postgresql, mysql and sqlite.",
            )
        module = import_module(f"penstock.engine.writers.{backend.name}")
        made: Writer = getattr(module, WRITERS[backend.name])(backend, self.connection.address(self._keys))
        return made

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        """What a database refuses, as our error; its own words in it."""
        try:
            yield
        except _errors() as error:
            raise ActivityFailed(f"The database of connection {self.name} says: {sentence(error)}") from error


class TableDraft:
    """Rows of a managed dataset that lie aside: nobody reads them before they are swapped in."""

    def __init__(
        self, tables: DatabaseTables, writer: Writer, place: TableName, aside: TableName, owner: str
    ) -> None:
        self.tables, self.writer, self.place, self.aside, self.owner = tables, writer, place, aside, owner
        self.columns: Schema = ()
        self._rows = 0

    def write(self, session: Session, data: Any) -> Snapshot:
        """An `ibis.Table`, Arrow rows, or a folder of Parquet files, in place of what was written before.

        An expression of the database itself stays there: one CREATE TABLE AS. All else comes by COPY, in batches.
        """
        self.writer.drop(self.aside)
        self.columns, self._rows = (), 0
        return self._added(session, data)

    def append(self, session: Session, data: Any) -> Snapshot:
        """More rows, after those written so far; at first those that the dataset holds now."""
        with self.tables._translated():
            if not self.columns and self.writer.facts(self.place) is not None:
                before = self.tables.snapshot(self.place)
                self._rows = self.writer.copy_table(self.place, self.aside)
                self.columns = before.columns if before else ()
        return self._added(session, data)

    def facts(self, job: str = "") -> Snapshot:
        """What lies there: no id yet, and no fingerprint."""
        with self.tables._translated():
            size = self.writer.bytes(self.aside)
        return Snapshot(
            id="", rows=self._rows, bytes=size, files=0, columns=self.columns, fingerprint="",
            written_at=self.tables.clock.now(), job=job,
        )  # fmt: skip

    def discard(self) -> None:
        """Forget it; nothing happens once it was swapped in."""
        if self.writer.is_open:
            with contextlib.suppress(*_errors()) if self.writer.is_broken else self.tables._translated():
                self.writer.abandon(self.aside, self.place)
            self.settled()

    def settled(self) -> None:
        """Its connection is not needed any more; with it goes its lock."""
        self.writer.close()

    def _added(self, session: Session, data: Any) -> Snapshot:
        with self.tables._translated():
            if self._is_there(session, data):
                self._computed(session, data)
            else:
                self._copied(arrival.settled(arrival.reader(session, data), self.columns))
            self.writer.analyze(self.aside)
        return self.facts()

    def _is_there(self, session: Session, data: Any) -> bool:
        """Whether the rows are an expression that this very database computes."""
        is_expression = not isinstance(data, Path) and not arrival.is_arrow(data)
        return (
            is_expression
            and session.place.engine == "database"
            and session.place.connection == self.tables.name
        )

    def _computed(self, session: Any, data: Any) -> None:
        from penstock.core.native import columns_of
        from penstock.engine import answers

        schema = arrival.kept(answers.settled(data.schema()).to_pyarrow())
        columns, select = columns_of(schema), session.sql(data)
        with session.working() as driver:
            if self.columns:
                self._rows += self.writer.insert_as(self.aside, schema.names, select, driver)
            else:
                self._rows = self.writer.create_as(self.aside, select, driver, schema)
        self.columns = self.columns or columns

    def _copied(self, fresh: Any) -> None:
        from penstock.core.native import columns_of

        columns = columns_of(fresh.schema)
        if not self.columns:
            self.writer.create(self.aside, fresh.schema)
        self._rows += self.writer.copy(self.aside, fresh)
        self.columns = self.columns or columns


def _aside(table: str) -> str:
    """`flights__k3x9a2b1`, cut so that the database keeps all of it."""
    kept = table.encode()[: LONGEST - 10].decode(errors="ignore")
    return f"{kept}__{secrets.token_hex(4)}"


def _row(facts: Snapshot) -> dict[str, Any]:
    columns = [{"name": c.name, "type": c.type} for c in facts.columns]
    return {
        "id": facts.id, "num_rows": facts.rows, "num_bytes": facts.bytes,
        "columns": json.dumps(columns, ensure_ascii=False), "written_at": facts.written_at.isoformat(),
        "job": facts.job,
    }  # fmt: skip


def _snapshot(row: dict[str, Any]) -> Snapshot:
    return Snapshot(
        id=row["id"], rows=int(row["num_rows"]), bytes=int(row["num_bytes"]), files=0,
        columns=tuple(Column(**column) for column in json.loads(row["columns"])),
        fingerprint=sha256(row["id"].encode()).hexdigest(), written_at=datetime.fromisoformat(row["written_at"]),
        job=row["job"],
    )  # fmt: skip


def _errors() -> tuple[type[Exception], ...]:
    """What the drivers that are loaded raise."""
    drivers = ("psycopg", "pymysql", "sqlite3", "adbc_driver_manager")
    return tuple(sys.modules[name].Error for name in drivers if name in sys.modules)
