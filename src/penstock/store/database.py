"""The database of run-time state: SQLite in the home for one, PostgreSQL by its address for many."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from penstock.core.errors import Refused
from penstock.store.disk import locked, turn

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 60


class Database:
    """Connections to the state. Opening it brings its tables up to date."""

    def __init__(self, where: Path | str) -> None:
        """`where` is a home folder, for SQLite in it, or an SQLAlchemy address."""
        self.url = make_url(where) if isinstance(where, str) and "://" in where else _in_home(Path(where))
        self.engine = _engine(self.url)
        self._migrate()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only looks; it sees one state of everything."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Connection]:
        """A short transaction that changes something: all of it or nothing.

        No killed process takes it back. With `durable` no power cut does either, nor anything written before it:
        it ends when the disk has it.
        """
        options = {"penstock_write": True, "penstock_durable": durable}
        with (
            self._turn(),
            self.engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            yield connection

    def _turn(self) -> AbstractContextManager[None]:
        """SQLite has one writer at a time, and lets those who wait overtake each other: of many, one may starve."""
        file = self.url.database if self.url.get_backend_name() == "sqlite" else None
        return turn(Path(f"{file}.turn")) if file else nullcontext()

    def close(self) -> None:
        self.engine.dispose()

    @property
    def revision(self) -> str:
        """The migration the tables stand at; empty for a new database."""
        try:
            with self.read() as connection:
                return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""
        except (OperationalError, ProgrammingError):
            return ""

    def _migrate(self) -> None:
        if self.revision == head():
            return
        if self.revision > head():
            raise Refused(
                f"This state was written by a newer Penstock (step {self.revision}; this one knows {head()}).",
                hint="Install that version, or open a copy of the home made before the upgrade.",
            )
        from penstock.store.migrations import upgrade

        if self.url.database and self.url.get_backend_name() == "sqlite":
            with locked(Path(f"{self.url.database}.lock"), what="the state database"):
                _use_write_ahead_log(self.engine)
                upgrade(self)
        else:
            upgrade(self)


def head() -> str:
    """The newest migration there is: the number its file begins with."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def upsert(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, newest: str = ""
) -> None:
    """Insert rows, or replace those with the same primary key; with `newest`, only by one at least as late."""
    if not rows:
        return
    statement = _upsert(table, connection.dialect.name, newest)
    connection.execute(statement, list(rows))


@cache
def _upsert(table: Table, dialect: str, newest: str) -> Any:
    """The statement of `upsert`, written once: describing what is `excluded` costs more than running it."""
    insert = import_module(f"sqlalchemy.dialects.{dialect}").insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {c.name: insert.excluded[c.name] for c in table.c if c.name not in keys}
    condition = insert.excluded[newest] >= table.c[newest] if newest else None
    return insert.on_conflict_do_update(index_elements=keys, set_=changed, where=condition)


def _in_home(home: Path) -> Any:
    return make_url("sqlite://").set(database=str(home / "state.db"))


def _engine(url: Any) -> Engine:
    if url.get_backend_name() != "sqlite":
        return _survives_fork(create_engine(url, pool_pre_ping=True, json_serializer=_strict_json))
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, json_serializer=_strict_json)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return _survives_fork(engine)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Transactions begin when we say so, and rows may not point at nothing."""
    connection.isolation_level = None
    for pragma in ("foreign_keys=ON", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its turn at once: one that began by reading could not wait for it later."""
    options = connection.get_execution_options()
    writes = options.get("penstock_write", False)
    if writes:
        durable = options.get("penstock_durable", False)
        connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _use_write_ahead_log(engine: Engine) -> None:
    """Readers and a writer never wait for each other; kept in the file, so said once."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode=WAL").close()
    finally:
        connection.close()


def _strict_json(value: Any) -> str:
    import json

    return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def _survives_fork(engine: Engine) -> Engine:
    """A forked child opens its own connections instead of sharing its parent's."""
    alive = weakref.ref(engine)

    def forget_connections() -> None:
        inherited = alive()
        if inherited is not None:
            inherited.dispose(close=False)

    os.register_at_fork(after_in_child=forget_connections)
    return engine
