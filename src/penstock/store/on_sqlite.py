"""What only SQLite needs: a file in the home, for one machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

BUSY_SECONDS = 60


def engine(url: URL, **words: Any) -> Engine:
    """Connections to the file, which is made with its folder when it is not there."""
    Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
    made = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, **words)
    event.listen(made, "connect", _prepare)
    event.listen(made, "begin", _begin)
    return made


def use_write_ahead_log(engine: Engine) -> None:
    """Readers and a writer never wait for each other; kept in the file, so said once."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode=WAL").close()
    finally:
        connection.close()


def _prepare(connection: Any, _record: Any) -> None:
    """Transactions begin when we say so, and rows may not point at nothing."""
    connection.isolation_level = None
    for pragma in ("foreign_keys=ON", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    """A writer takes its turn at once: one that began by reading could not wait for it later."""
    options = connection.get_execution_options()
    writes = options.get("penstock_write", False)
    if writes:
        durable = options.get("penstock_durable", False)
        connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
