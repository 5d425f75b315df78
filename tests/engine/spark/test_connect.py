"""Spark Connect: a session on a server of its own gives the same answers, and is stopped the same way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from penstock.core.config import Config
from penstock.core.errors import Aborted, ConnectionFailed
from penstock.core.placement import Place
from penstock.core.registry import parse
from penstock.engine.database import Keys
from penstock.engine.engines import LocalEngines
from penstock.engine.spark.machine import Machines
from penstock.engine.spark.session import SparkSession
from penstock.ml.partial import SCHEMA, PartialColumns, Profiling, handling_of

ROWS = pa.table({"n": pa.array([3, None, 1], pa.int32()), "t": ["b", None, ""]})


def opened(machines: Machines, url: str, home: Path) -> SparkSession:
    cluster: Any = parse("connections", {"type": "spark", "master": url})
    return SparkSession(
        machines, cluster, Place("spark", "far"), Keys(str), LocalEngines(Config(home=home)).session
    )


@pytest.fixture
def far(spark_server: str, tmp_path: Path) -> Iterator[SparkSession]:
    machines = Machines(Config(home=tmp_path))
    session = opened(machines, spark_server, tmp_path)
    yield session
    session.close()
    machines.close()


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_a_server_reads_computes_maps_and_writes(far: SparkSession, tmp_path: Path) -> None:
    pq.write_table(ROWS, tmp_path / "rows.parquet")
    table = far.parquet([tmp_path / "rows.parquet"])
    assert far.arrow(table).equals(ROWS.cast(far.arrow(table).schema))
    far.write_parquet(table.order_by(table.n.asc(nulls_first=True)).mutate(m=table.n + 1), tmp_path / "out")
    assert pq.read_table(tmp_path / "out").column("m").to_pylist() == [None, 2, 4]
    typed = ibis.memtable(ROWS)
    assert far.aggregate(typed, {"n": typed.n.sum()}) == {"n": 4}
    far.write_parquet(far.mapped(table, Profiling(handling_of(ROWS.schema)), SCHEMA), tmp_path / "profiles")
    found = PartialColumns(sorted((tmp_path / "profiles").glob("*.parquet")), ROWS.schema)
    assert found.profile("n", "numerical").missing == 1
    assert far.stream(table).read_all().num_rows == 3


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_a_server_is_told_to_stop(far: SparkSession) -> None:
    far._spark.range(10**12).createOrReplaceTempView("many")
    many = far.backend.table("many")
    ended: list[BaseException] = []

    def work() -> None:
        try:
            far.arrow(many.aggregate(total=(many.id % 7).sum()))
        except Aborted as error:
            ended.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    while thread.is_alive() and not ended:
        far.interrupt()  # until the server has begun
        thread.join(0.2)
    assert len(ended) == 1


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConnectionFailed, match="far"):
        opened(Machines(Config(home=tmp_path)), "sc://127.0.0.1:1", tmp_path)
