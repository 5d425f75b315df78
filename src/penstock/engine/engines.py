"""The Engines port: DuckDB, the database of a connection, or Spark for tables; a process for people's Python."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.core.cluster import Cluster
from penstock.core.config import Config
from penstock.core.connection import Connection, Database
from penstock.core.errors import Refused
from penstock.core.placement import LOCAL, Place
from penstock.engine import process
from penstock.engine.duckdb import DuckDBSession, Instance

if TYPE_CHECKING:
    from penstock.core.ports import Clock, Connections, Secrets, Session
    from penstock.engine.database import DatabaseSession
    from penstock.engine.spark.machine import Machines
    from penstock.engine.spark.session import SparkSession
    from penstock.engine.tables import DatabaseTables


class LocalEngines:
    """Sessions in this process or on a connection of the node; people's Python runs beside this process."""

    def __init__(
        self,
        config: Config,
        connections: Connections | None = None,
        secrets: Secrets | None = None,
        *,
        clock: Clock | None = None,
    ) -> None:
        self._config = config
        self._connections, self._secrets, self._clock = connections, secrets, clock
        self._instance = Instance(config)
        self._tables: dict[str, DatabaseTables] = {}
        self._sparks: Machines | None = None

    @contextlib.contextmanager
    def session(self, place: Place = LOCAL) -> Iterator[Session]:
        """A place to compute for one activity; what is still open is closed at the end."""
        session = self._opened(place)
        try:
            yield session
        finally:
            session.close()

    def tables(self, connection: str) -> DatabaseTables:
        """The managed datasets in the database of a connection, as it is defined now."""
        from penstock.engine.tables import DatabaseTables

        if self._connections is None or self._secrets is None or self._clock is None:
            raise Refused("This node has no connections.")
        database = _database(connection, self._connections.get(connection))
        known = self._tables.get(connection)
        if known is None or known.connection != database:
            if known is not None:
                known.close()
            known = DatabaseTables(connection, database, self._secrets.get, self._clock)
            self._tables[connection] = known
        return known

    def _opened(self, place: Place) -> DuckDBSession | DatabaseSession | SparkSession:
        if place.engine == "local":
            return DuckDBSession(self._instance)
        if self._connections is None or self._secrets is None:
            raise Refused("This node has no connections.")
        if place.engine == "spark":
            return self._on_spark(place, self._connections.get(place.connection), self._secrets)
        return self._on_database(place, self._connections.get(place.connection), self._secrets)

    def _on_database(self, place: Place, connection: Connection, secrets: Secrets) -> DatabaseSession:
        from penstock.engine.database import DatabaseSession

        return DatabaseSession(_database(place.connection, connection), place, secrets.get, self.session)

    def _on_spark(self, place: Place, connection: Connection, secrets: Secrets) -> SparkSession:
        from penstock.engine.database import Keys
        from penstock.engine.spark.machine import Machines
        from penstock.engine.spark.session import SparkSession

        if not isinstance(connection, Cluster):
            raise Refused(
                f"Connection {place.connection} is of type {connection.kind_name()}: it is no Spark."
            )
        if self._sparks is None:
            self._sparks = Machines(self._config)
        return SparkSession(self._sparks, connection, place, Keys(secrets.get), self.session)

    def run_python(
        self,
        *,
        code: Path,
        environment: Mapping[str, str],
        log: Callable[[str], None],
        should_stop: Callable[[], bool],
        work: Path,
        python: Path | None = None,
    ) -> None:
        """Run a Python file in a child process. Raises ActivityFailed, or Aborted when it was stopped."""
        process.run(
            code,
            environment=environment,
            log=log,
            should_stop=should_stop,
            work=work,
            python=python,
            grace=self._config.abort_grace,
        )

    def close(self) -> None:
        """Free the memory; the next session opens afresh."""
        self._instance.close()
        if self._sparks is not None:
            self._sparks.close()
            self._sparks = None


def _database(name: str, connection: Connection) -> Database:
    """The connection itself. Raises Refused for one to something else."""
    if not isinstance(connection, Database):
        raise Refused(f"Connection {name} is of type {connection.kind_name()}: it is no database.")
    return connection
