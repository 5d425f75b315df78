"""The database of run-time state: SQLite in the home for one machine, PostgreSQL by its address for many."""

from __future__ import annotations

import os
import re
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, func, make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from penstock.core.errors import Invalid, Refused
from penstock.store import migrations, on_postgresql, on_sqlite
from penstock.store.again import patiently
from penstock.store.disk import locked, turn
from penstock.store.tables import NO_NUL

NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
HINT = "Write `database: postgresql://USER@HOST/NAME`, or nothing for SQLite in the home."


class Database:
    """Connections to the state. Opening it brings its tables up to date."""

    def __init__(self, where: Path | str) -> None:
        """`where` is a home folder, for SQLite in it, or an SQLAlchemy address."""
        self.url = address(where) if isinstance(where, str) and "://" in where else _in_home(Path(where))
        self.engine = _engine(self.url)
        self._finish = weakref.finalize(self, self.engine.dispose)
        patiently(self._migrate)

    @property
    def on_server(self) -> bool:
        """Whether it is a PostgreSQL server, and no file."""
        return self.url.get_backend_name() == "postgresql"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only looks; it sees one state of everything."""
        options: dict[str, Any] = on_postgresql.LOOK if self.on_server else {}
        with (
            self._told(),
            self.engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Connection]:
        """A short transaction that changes something: all of it or nothing.

        No killed process takes it back. With `durable` no power cut does either, nor anything written before it:
        it ends when the disk has it. On PostgreSQL that is so of every transaction.
        """
        options = {"penstock_write": True, "penstock_durable": durable}
        with (
            self._turn(),
            self._told(),
            self.engine.connect().execution_options(**options) as connection,
            connection.begin() as transaction,
        ):
            yield connection
            with self._told(ending=True):
                transaction.commit()

    def _turn(self) -> AbstractContextManager[None]:
        """SQLite has one writer at a time, and lets those who wait overtake each other: of many, one may starve."""
        return nullcontext() if self.on_server else turn(Path(f"{self.url.database}.turn"))

    @contextmanager
    def _told(self, *, ending: bool = False) -> Iterator[None]:
        """Problems of a server in our words. Those of our own making, and of a file, stay what they are."""
        try:
            yield
        except DBAPIError as error:
            said = on_postgresql.told(error, self.url, ending=ending) if self.on_server else error
            if said is error:
                raise
            raise said from error

    def close(self) -> None:
        self._finish()

    @property
    def revision(self) -> str:
        """The migration the tables stand at; empty for a new database."""
        with self.read() as connection:
            if not connection.dialect.has_table(connection, "alembic_version"):
                return ""
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""

    def _migrate(self) -> None:
        newest = migrations.head()
        if self.revision == newest:
            return
        if self.revision > newest:
            raise Refused(
                f"This state was written by a newer Penstock (step {self.revision}; this one knows {newest}).",
                hint="Install that version, or open a copy of the home made before the upgrade.",
            )
        with self._opening(), self.write() as connection:
            migrations.upgrade(connection)

    @contextmanager
    def _opening(self) -> Iterator[None]:
        """One process at a time brings a file up to date; at a server the migrations wait for each other there."""
        if self.on_server:
            yield
            return
        with locked(Path(f"{self.url.database}.lock"), what="the state database"):
            on_sqlite.use_write_ahead_log(self.engine)
            yield


def address(words: str) -> URL:
    """An SQLAlchemy address of a state. Raises Invalid for anything but SQLite and PostgreSQL."""
    try:
        url = make_url(re.sub("^postgres:", "postgresql:", words))
    except ArgumentError as error:
        raise Invalid("The address of the state cannot be read.", hint=HINT) from error
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise Invalid(f"The state cannot lie in {url.get_backend_name()}.", hint=HINT)
    if url.get_backend_name() == "sqlite" and not url.database:
        raise Invalid("A state in memory is gone with its process.", hint=HINT)
    return url


def alone(connection: Connection, *words: str) -> None:
    """Whoever says the same words waits until this transaction ends. SQLite's one writer is alone as it is."""
    if connection.dialect.name == "postgresql":
        number = int.from_bytes(sha256("\0".join(words).encode()).digest()[:8], signed=True)
        connection.execute(select(func.pg_advisory_xact_lock(number)))


def upsert(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, newest: str = ""
) -> None:
    """Insert rows, or replace those with the same primary key; with `newest`, only by one at least as late.

    Always in the order of their keys: two who write the same rows never wait for each other in a circle.
    """
    if not rows:
        return
    statement = _upsert(table, connection.dialect.name, newest)
    keys = [column.name for column in table.primary_key]
    connection.execute(statement, sorted(rows, key=lambda row: [row[key] for key in keys]))


@cache
def _upsert(table: Table, dialect: str, newest: str) -> Any:
    """The statement of `upsert`, written once: describing what is `excluded` costs more than running it."""
    insert = import_module(f"sqlalchemy.dialects.{dialect}").insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {c.name: insert.excluded[c.name] for c in table.c if c.name not in keys}
    condition = insert.excluded[newest] >= table.c[newest] if newest else None
    return insert.on_conflict_do_update(index_elements=keys, set_=changed, where=condition)


def _in_home(home: Path) -> URL:
    return make_url("sqlite://").set(database=str(home / "state.db"))


def _engine(url: URL) -> Engine:
    adapter = on_sqlite if url.get_backend_name() == "sqlite" else on_postgresql
    return _survives_fork(adapter.engine(url, json_serializer=_strict_json))


def _strict_json(value: Any) -> str:
    import json

    told = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return NUL.sub(rf"\1{NO_NUL}", told) if "\\u0000" in told else told


def _survives_fork(engine: Engine) -> Engine:
    """A forked child opens its own connections instead of sharing its parent's."""
    alive = weakref.ref(engine)

    def forget_connections() -> None:
        inherited = alive()
        if inherited is not None:
            inherited.dispose(close=False)

    os.register_at_fork(after_in_child=forget_connections)
    return engine
