"""Sessions on Spark: the same types and values as on one machine, rows in order, stopped at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from penstock.core.config import Config
from penstock.core.errors import Aborted, ActivityFailed
from penstock.core.registry import parse
from penstock.engine.database import Keys
from penstock.engine.duckdb import DuckDBSession, Instance
from tests.servers import SPARK

pytestmark = pytest.mark.slow
NOON = datetime(2024, 2, 29, 12, 0, 0, 123456)
EVERYTHING = pa.table(
    {
        "tiny": pa.array([1, None, -128], pa.int8()),
        "small": pa.array([1, None, 32767], pa.int16()),
        "int": pa.array([1, None, -(2**31)], pa.int32()),
        "big": pa.array([2**63 - 1, None, 3], pa.int64()),
        "float": pa.array([1.5, None, float("inf")], pa.float32()),
        "double": pa.array([float("nan"), None, -0.1]),
        "text": ["Zoë 🚀", None, ""],
        "truth": [True, None, False],
        "day": pa.array([date(1582, 10, 15), None, date(9999, 12, 31)]),
        "naive": pa.array([NOON, None, NOON], pa.timestamp("us")),
        "instant": pa.array([NOON.replace(tzinfo=UTC), None, NOON.replace(tzinfo=UTC)], pa.timestamp("us", "UTC")),
        "money": pa.array([Decimal("12.34"), None, Decimal("-0.01")], pa.decimal128(18, 2)),
        "texts": pa.array([["a", None], None, []], pa.list_(pa.string())),
    }
)  # fmt: skip


@pytest.fixture
def local(tmp_path: Path) -> Iterator[DuckDBSession]:
    instance = Instance(Config(home=tmp_path))
    session = DuckDBSession(instance)
    yield session
    session.close()
    instance.close()


def kept(data: pa.Table, folder: Path, name: str = "rows.parquet") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(data, folder / name)
    return folder / name


def test_every_type_comes_back_as_it_was(spark: Any, tmp_path: Path) -> None:
    table = spark.parquet([kept(EVERYTHING, tmp_path)])
    assert str(spark.arrow(table).to_pylist()) == str(EVERYTHING.to_pylist())
    assert [f.type for f in spark.arrow(table).schema] == [f.type for f in EVERYTHING.schema]


def test_a_written_folder_has_the_types_that_duckdb_writes(
    spark: Any, local: DuckDBSession, tmp_path: Path
) -> None:
    sides = {}
    for name, session in {"spark": spark, "local": local}.items():
        data = ibis.memtable(EVERYTHING.drop_columns(["texts"]))
        table = data.mutate(
            total=data.int.sum(), share=data.int / 2, n=data.count(), nothing=ibis.null("string")
        )
        table = table.aggregate(**{c: table[c].max() for c in table.columns if c not in ("texts",)})
        session.write_parquet(table, tmp_path / name)
        sides[name] = pq.read_schema(next((tmp_path / name).glob("*.parquet"))).remove_metadata()
    assert [(f.name, f.type) for f in sides["spark"]] == [(f.name, f.type) for f in sides["local"]]


def test_rows_keep_the_order_of_files_and_of_what_was_sorted(spark: Any, tmp_path: Path) -> None:
    sizes = {"part-00000.parquet": 10, "part-00001.parquet": 5_000, "part-00002.parquet": 700}
    first = 0
    for name, rows in sizes.items():
        kept(pa.table({"n": range(first, first + rows)}), tmp_path / "in", name)
        first += rows
    table = spark.parquet(list((tmp_path / "in").glob("*.parquet")))
    assert spark.stream(table.filter(table.n >= 0)).read_all().column("n").to_pylist() == list(range(first))
    spark.write_parquet(table.order_by(table.n.desc()), tmp_path / "out")
    back = spark.parquet(sorted((tmp_path / "out").glob("*.parquet")))
    assert spark.arrow(back).column("n").to_pylist() == list(reversed(range(first)))


def test_rows_are_numbered_in_their_order(spark: Any, tmp_path: Path) -> None:
    file = kept(pa.table({"n": range(3_000)}), tmp_path)
    table = spark.parquet([file]).mutate(at=ibis.row_number())
    assert spark.arrow(table.filter(table.at != table.n)).num_rows == 0


@pytest.mark.parametrize("way", ["up", "down", "mixed"])
def test_first_last_and_concat_follow_an_order(spark: Any, local: DuckDBSession, way: str) -> None:
    data = {"g": [1, 1, 1, 2], "k": ["b", None, "a", "z"], "v": [1, 2, None, 4], "r": [1, 2, 3, 4]}
    rows = ibis.memtable(pa.table(data))
    up, down = rows.k.asc(nulls_first=True), rows.k.desc(nulls_first=False)
    order = {"up": [up], "down": [down], "mixed": [down, rows.r.asc(nulls_first=True)]}[way]
    found = rows.group_by("g").aggregate(
        first=rows.v.first(order_by=order, include_null=True), last=rows.v.last(order_by=order),
        later=rows.v.first(order_by=order, where=rows.r > 1), all=rows.k.group_concat("|", order_by=order),
        none=rows.k.group_concat("|", order_by=order, where=rows.v > 1),
    ).order_by("g")  # fmt: skip
    assert spark.arrow(found).to_pylist() == local.arrow(found).to_pylist()


def test_all_scalars_come_in_one_answer_under_their_names(spark: Any) -> None:
    table = ibis.memtable(pa.table({"n": [1, 2, None], "m": pa.array([Decimal("1.5")] * 3)}))
    found = spark.aggregate(
        table, {"col_stats:MAX:n": table.n.max(), "records": table.count(), "m": table.m.sum()}
    )
    assert found == {"col_stats:MAX:n": 2, "records": 3, "m": 4.5}


def test_a_file_is_exported_as_on_one_machine(spark: Any, local: DuckDBSession, tmp_path: Path) -> None:
    table = ibis.memtable(EVERYTHING.drop_columns(["texts"]))
    for name, session in {"spark.csv": spark, "local.csv": local}.items():
        session.export(table, tmp_path / name)
    assert (tmp_path / "spark.csv").read_text() == (tmp_path / "local.csv").read_text()


def test_workers_map_partitions_in_order(spark: Any, tmp_path: Path) -> None:
    table = spark.parquet([kept(pa.table({"n": range(40_000)}), tmp_path)])

    def doubled(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow.compute as pc

        for batch in batches:
            twice = pc.multiply(batch.column("n"), 2)
            yield pa.RecordBatch.from_arrays([batch.column("n"), twice], names=["n", "twice"])

    spark.write_parquet(
        spark.mapped(table, doubled, pa.schema([("n", pa.int64()), ("twice", pa.int64())])), tmp_path / "out"
    )
    rows = pq.read_table(sorted((tmp_path / "out").glob("*.parquet")))
    assert rows.column("twice").to_pylist() == [2 * n for n in range(40_000)]


def test_names_that_differ_in_capitals_only_are_refused(spark: Any, tmp_path: Path) -> None:
    table = ibis.memtable(pa.table({"a": [1], "b": [2]})).rename(A="b")
    with pytest.raises(ActivityFailed, match="differ in capital letters only"):
        spark.write_parquet(table, tmp_path / "out")


def test_what_spark_says_is_one_sentence(spark: Any) -> None:
    table = ibis.memtable(pa.table({"t": ["many"]}))
    with pytest.raises(ActivityFailed) as error:
        spark.arrow(table.mutate(n=table.t.cast("int64")))
    assert "'many'" in error.value.message
    assert "\n" not in error.value.message


@pytest.mark.timeout(60)
def test_an_interrupted_session_raises_aborted_and_does_nothing_more(spark: Any) -> None:
    spark._spark.range(10**12).createOrReplaceTempView("many")
    many = spark.backend.table("many")
    forever = many.aggregate(total=(many.id % 7).sum())
    ended: list[BaseException] = []

    def work() -> None:
        try:
            spark.arrow(forever)
        except BaseException as error:  # noqa: BLE001  it is looked at below
            ended.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    while thread.is_alive() and not running(spark):
        thread.join(0.05)
    spark.interrupt()
    thread.join(60)
    assert [type(e) for e in ended] == [Aborted]
    with pytest.raises(Aborted):
        spark.arrow(ibis.memtable(pa.table({"a": [1]})))


def running(session: Any) -> bool:
    return bool(session._spark.sparkContext.statusTracker().getActiveJobsIds())


def test_sessions_do_not_see_each_others_views(spark: Any, spark_machines: Any, tmp_path: Path) -> None:
    spark.parquet([kept(EVERYTHING, tmp_path)])
    assert spark.backend.list_tables()
    with spark_machines.session("spark", parse("connections", SPARK), Keys(str)) as session:
        assert session.sql("SHOW VIEWS").count() == 0
