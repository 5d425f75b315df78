"""The engines under test: a session each, open for the whole run, into which any Arrow table is put."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from penstock.core.config import Config
from penstock.core.placement import Place
from penstock.core.registry import parse
from penstock.engine.database import DatabaseSession, Keys
from penstock.engine.engines import LocalEngines
from tests.servers import SPARK, Postgres

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Engine:
    """An open session, and how rows get into it."""

    name: str
    session: Any
    put: Callable[[pa.Table, str], Any]
    known: dict[int, Any] = field(default_factory=dict)

    def table(self, data: pa.Table) -> Any:
        """An Arrow table as an `ibis.Table` of this engine; the same one each time."""
        if id(data) not in self.known:
            self.known[id(data)] = self.put(data, f"rows_{next(_numbers)}")
        return self.known[id(data)]

    def arrow(self, table: Any) -> pa.Table:
        """The answer."""
        return self.session.arrow(table)


@pytest.fixture(scope="session")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalEngines]:
    engines = LocalEngines(Config(home=tmp_path_factory.mktemp("engines"), threads=1))
    yield engines
    engines.close()


@pytest.fixture(scope="session")
def duckdb(here: LocalEngines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The engine of this process: what it says is what the others must say."""
    folder = tmp_path_factory.mktemp("parquet")
    with here.session() as session:

        def put(data: pa.Table, name: str) -> Any:
            pq.write_table(data, folder / f"{name}.parquet")
            session.backend.raw_sql(f"CREATE VIEW {name} AS FROM read_parquet('{folder / name}.parquet')")
            return session.backend.table(name)

        yield Engine("duckdb", session, put)


@pytest.fixture(scope="session")
def postgresql(postgres_server: Any, here: LocalEngines) -> Iterator[Engine]:
    """PostgreSQL; the tables of a whole run lie in one database."""
    import adbc_driver_postgresql.dbapi as adbc

    server = Postgres(str(postgres_server.pgdata), "postgres", "postgres", Path(postgres_server.log))
    connection: Any = parse("connections", server.settings)
    session = DatabaseSession(connection, Place("database", "warehouse"), Keys(str).secret, here.session)
    loading = adbc.connect(connection.address(Keys(str)), autocommit=True)

    def put(data: pa.Table, name: str) -> Any:
        with loading.cursor() as cursor:
            cursor.adbc_ingest(name, data, mode="create")
        return session.from_table(name)

    yield Engine("postgresql", session, put)
    loading.close()
    session.close()


@pytest.fixture(scope="session")
def spark(
    spark_machines: Any, here: LocalEngines, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """Spark, on this machine."""
    from penstock.engine.spark.session import SparkSession

    folder = tmp_path_factory.mktemp("for-spark")
    cluster: Any = parse("connections", SPARK)
    session = SparkSession(spark_machines, cluster, Place("spark"), Keys(str), here.session)

    def put(data: pa.Table, name: str) -> Any:
        pq.write_table(data, folder / f"{name}.parquet")
        return session.parquet([folder / f"{name}.parquet"])

    yield Engine("spark", session, put)
    session.close()


@pytest.fixture(params=["postgresql", pytest.param("spark", marks=pytest.mark.slow)])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine beside the one of this process."""
    found: Engine = request.getfixturevalue(request.param)
    return found
