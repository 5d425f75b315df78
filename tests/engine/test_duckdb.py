"""Sessions of DuckDB: open cheaply, stream in order, write exactly, stop at once, see only their own."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from penstock.core.config import Config
from penstock.core.errors import Aborted, ActivityFailed
from penstock.engine.duckdb import DuckDBSession
from penstock.engine.engines import LocalEngines

FOREVER = "SELECT sum(a.range * b.range) AS n FROM range(3000000) a, range(3000000) b"


@pytest.fixture
def engines(tmp_path: Path) -> Iterator[LocalEngines]:
    engines = LocalEngines(Config(home=tmp_path, threads=2))
    yield engines
    engines.close()


@pytest.fixture
def session(engines: LocalEngines) -> Iterator[DuckDBSession]:
    with engines.session() as session:
        yield session


def view(session: DuckDBSession, sql: str, name: str = "v") -> ibis.Table:
    session.backend.raw_sql(f"CREATE VIEW {name} AS {sql}")
    return session.backend.table(name)


def test_sessions_do_not_see_each_other(engines: LocalEngines) -> None:
    with engines.session() as one, engines.session() as other:
        view(one, "SELECT 1 AS a")
        assert other.backend.list_tables() == []
        assert session_rows(other, "SELECT 2 AS a") == [{"a": 2}]
        assert one.arrow(one.backend.table("v")).to_pylist() == [{"a": 1}]


def session_rows(session: DuckDBSession, sql: str) -> list[dict[str, object]]:
    return session.arrow(view(session, sql)).to_pylist()


def test_a_stream_keeps_the_order_and_leaves_the_session_free(session: DuckDBSession) -> None:
    table = view(session, "SELECT range AS n FROM range(300000)")
    seen = []
    for batch in session.stream(table, batch_rows=10_000):
        seen.append(batch.column(0)[0].as_py())
        assert session.arrow(table.limit(1)).num_rows == 1
    assert seen == sorted(seen)
    assert len(seen) >= 2


def test_two_streams_of_one_session_run_side_by_side(session: DuckDBSession) -> None:
    table = view(session, "SELECT range AS n FROM range(200000)")
    pairs = zip(session.stream(table), session.stream(table), strict=True)
    assert all(a.equals(b) for a, b in pairs)


def test_a_stream_sees_a_table_in_memory(session: DuckDBSession) -> None:
    table = ibis.memtable(pa.table({"a": [1, 2]})).mutate(b=ibis._.a + 1)
    assert session.stream(table).read_all().to_pydict() == {"a": [1, 2], "b": [2, 3]}


def test_a_sum_of_integers_stays_an_integer(session: DuckDBSession, tmp_path: Path) -> None:
    table = view(session, f"SELECT {2**62} AS n")
    session.write_parquet(table.aggregate(total=table.n.sum()), tmp_path / "out")
    written = pq.read_table(tmp_path / "out")
    assert written.schema.field("total").type == pa.int64()
    assert written.to_pydict() == {"total": [2**62]}


def test_a_sum_beyond_64_bits_fails_instead_of_losing_digits(session: DuckDBSession, tmp_path: Path) -> None:
    table = view(session, f"SELECT unnest([{2**62}, {2**62}]) AS n")
    with pytest.raises(ActivityFailed, match="INT64"):
        session.write_parquet(table.aggregate(total=table.n.sum()), tmp_path / "out")


def test_instants_come_back_in_utc(session: DuckDBSession) -> None:
    table = view(session, "SELECT TIMESTAMPTZ '2013-07-01 12:00:00+02' AS t")
    assert session.arrow(table).to_pylist() == [{"t": datetime(2013, 7, 1, 10, tzinfo=UTC)}]


def test_aggregate_gives_plain_values_and_none_for_null(session: DuckDBSession) -> None:
    table = view(session, "SELECT unnest([1, 2, NULL]) AS n, CAST(NULL AS DOUBLE) AS x")
    found = session.aggregate(
        table, {"sum of n": table.n.sum(), "mean x": table.x.mean(), "rows": table.count()}
    )
    assert found == {"sum of n": 3, "mean x": None, "rows": 3}
    assert session.aggregate(table, {}) == {}


@pytest.mark.parametrize("form", ["ibis", "table", "reader"])
def test_every_form_of_data_is_written_with_its_types(
    session: DuckDBSession, tmp_path: Path, form: str
) -> None:
    rows = pa.table(
        {
            "text": pa.array(["é", "", None]),
            "code": pa.array(["a", "b", None]).dictionary_encode(),
            "huge": pa.array([2**62, -1, None], pa.int64()),
            "number": pa.array([1.5, float("nan"), None]),
            "at": pa.array([0, 1, None], pa.timestamp("ns", tz="America/New_York")),
            "day": pa.array([0, 1, None], pa.date32()),
            "nothing": pa.nulls(3),
        }
    )
    data = {"table": rows, "reader": rows.to_reader(max_chunksize=1), "ibis": ibis.memtable(rows)}[form]
    session.write_parquet(data, tmp_path / "out")
    kinds = {f.name: str(f.type) for f in pq.read_table(tmp_path / "out").schema}
    assert kinds == {
        "text": "string", "code": "string", "huge": "int64", "number": "double",
        "at": "timestamp[us, tz=UTC]", "day": "date32[day]", "nothing": "string",
    }  # fmt: skip
    back = pq.read_table(tmp_path / "out")
    assert back["text"].to_pylist() == ["é", "", None]
    assert back["huge"].to_pylist() == [2**62, -1, None]


def test_no_rows_still_make_a_file_with_the_columns(session: DuckDBSession, tmp_path: Path) -> None:
    for number, data in enumerate(
        [pa.table({"a": pa.array([], pa.int64())}), view(session, "SELECT 1 AS a LIMIT 0")]
    ):
        session.write_parquet(data, tmp_path / str(number))
        written = pq.read_table(tmp_path / str(number))
        assert (written.num_rows, written.column_names) == (0, ["a"])


def test_equal_data_makes_equal_bytes(session: DuckDBSession, tmp_path: Path) -> None:
    table = view(session, "SELECT range AS a, range % 7 AS b, 'x' || range AS c FROM range(300000)")
    for name in ("one", "two"):
        session.write_parquet(table, tmp_path / name)
    one, two = ((tmp_path / name / "part-00000.parquet").read_bytes() for name in ("one", "two"))
    assert one == two


def test_row_groups_of_a_wide_table_are_smaller(session: DuckDBSession, tmp_path: Path) -> None:
    columns = ", ".join(f"range AS c{i}" for i in range(400))
    session.write_parquet(view(session, f"SELECT {columns} FROM range(25000)"), tmp_path / "out")
    group = pq.ParquetFile(tmp_path / "out" / "part-00000.parquet").metadata.row_group(0)
    assert group.num_rows == 10_240


def test_a_folder_of_parquet_files_is_moved(session: DuckDBSession, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    pq.write_table(pa.table({"a": [1]}), tmp_path / "in" / "x.parquet")
    session.write_parquet(tmp_path / "in", tmp_path / "out")
    assert pq.read_table(tmp_path / "out").to_pydict() == {"a": [1]}
    assert not list((tmp_path / "in").iterdir())


def test_interrupt_from_another_thread_ends_a_running_query(session: DuckDBSession) -> None:
    table, ended = view(session, FOREVER), threading.Event()

    def stop() -> None:
        while not ended.wait(0.02):
            session.interrupt()

    stopper = threading.Thread(target=stop)
    stopper.start()
    with pytest.raises(Aborted):
        session.arrow(table)
    ended.set()
    stopper.join()


def test_after_an_interrupt_nothing_new_is_started(session: DuckDBSession) -> None:
    table = view(session, "SELECT 1 AS a")
    session.interrupt()
    with pytest.raises(Aborted):
        session.stream(table)


def test_an_error_is_told_without_the_sql_nobody_wrote(session: DuckDBSession) -> None:
    table = view(session, "SELECT 'x' AS a")
    with pytest.raises(ActivityFailed) as caught:
        session.arrow(table.select(n=table.a.cast("int64")))
    assert "'x'" in str(caught.value)
    assert "SELECT" not in str(caught.value)


def test_an_error_in_the_middle_of_a_stream_is_ours_too(session: DuckDBSession) -> None:
    table = view(session, "SELECT CASE WHEN range = 100000 THEN 'x' ELSE '1' END AS a FROM range(200000)")
    with pytest.raises(ActivityFailed, match="'x'"):
        session.stream(table.select(n=table.a.cast("int64"))).read_all()


def test_no_extension_is_ever_downloaded_or_loaded(session: DuckDBSession) -> None:
    shown = session.backend.con.sql(
        "SELECT name, value FROM duckdb_settings() WHERE name LIKE 'auto%extensions'"
    ).fetchall()
    assert dict(shown) == {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


def test_threads_and_memory_come_from_the_settings(tmp_path: Path) -> None:
    engines = LocalEngines(Config(home=tmp_path, threads=1, memory="200MB"))
    with engines.session() as session:
        found = session.backend.con.sql(
            "SELECT current_setting('threads'), current_setting('memory_limit')"
        ).fetchall()
    engines.close()
    assert found == [(1, "190.7 MiB")]


def test_many_sessions_in_threads_do_not_disturb_each_other(engines: LocalEngines) -> None:
    found: dict[int, int] = {}

    def work(number: int) -> None:
        with engines.session() as session:
            table = view(session, f"SELECT range + {number} AS n FROM range(1000)")
            found[number] = session.aggregate(table, {"max": table.n.max()})["max"]

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {n: 999 + n for n in range(8)}


def test_columns_that_differ_in_capitals_only_are_refused(session: DuckDBSession) -> None:
    table = ibis.memtable(pa.table({"id": [1]})).mutate(ID=ibis.literal(2))
    with pytest.raises(ActivityFailed, match="'id' and 'ID' differ in capital letters only"):
        session.arrow(table)


def test_a_stream_needs_memory_for_a_few_batches_only(session: DuckDBSession) -> None:
    import psutil

    wide = view(
        session,
        "SELECT range AS n, md5(range::VARCHAR) AS a, md5((range + 1)::VARCHAR) AS b FROM range(3000000)",
    )
    reader, memory = session.stream(wide), psutil.Process().memory_info
    first, most = memory().rss, 0
    for batch in reader:
        most = max(most, memory().rss)
        del batch
    assert most - first < 150_000_000  # all rows would be 240 MB


def test_rows_spilled_by_a_killed_process_are_removed(tmp_path: Path) -> None:
    spilled = tmp_path / "tmp" / "duckdb"
    for name in ("999999999-1", f"{os.getpid()}-1"):
        (spilled / name).mkdir(parents=True)
    engines = LocalEngines(Config(home=tmp_path, threads=1))
    with engines.session():
        assert not (spilled / "999999999-1").exists()
        assert (spilled / f"{os.getpid()}-1").exists()
    engines.close()


@pytest.mark.slow
def test_work_larger_than_memory_is_spilled(tmp_path: Path) -> None:
    engines = LocalEngines(Config(home=tmp_path, threads=1, memory="45MB"))
    with engines.session() as session:
        big = view(session, "SELECT md5(range::VARCHAR) AS a, range AS n FROM range(1000000)")
        session.write_parquet(big.order_by("a"), tmp_path / "out")
    engines.close()
    assert pq.read_metadata(tmp_path / "out" / "part-00000.parquet").num_rows == 1_000_000
    assert not list((tmp_path / "tmp" / "duckdb").iterdir())
