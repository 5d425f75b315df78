"""People's SQL reaches the tables it was given, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from penstock.core.config import Config
from penstock.core.errors import ActivityFailed, InvalidExpression, PenstockError, Refused
from penstock.core.schema import Column
from penstock.engine.duckdb import DuckDBSession
from penstock.engine.engines import LocalEngines


@pytest.fixture
def session(tmp_path: Path) -> Iterator[DuckDBSession]:
    engines = LocalEngines(Config(home=tmp_path / "home", threads=1))
    with engines.session() as session:
        yield session
    engines.close()


@pytest.fixture
def tables(tmp_path: Path) -> dict[str, list[Path]]:
    folder = tmp_path / "it's a [folder]"
    folder.mkdir()
    pq.write_table(pa.table({"carrier": ["UA", "AA", "UA"], "delay": [5, 7, None]}), folder / "a.parquet")
    pq.write_table(pa.table({"carrier": ["ÉT"], "delay": [2**62]}), folder / "b.parquet")
    return {"flights": [folder / "a.parquet", folder / "b.parquet"]}


def rows(session: DuckDBSession, sql: str, tables: dict[str, list[Path]]) -> list[dict[str, object]]:
    return session.query(sql, tables).read_all().to_pylist()


def test_a_query_sees_its_inputs_by_their_names(
    session: DuckDBSession, tables: dict[str, list[Path]]
) -> None:
    sql = "SELECT carrier, sum(delay) AS delay FROM flights GROUP BY ALL ORDER BY 1"
    assert rows(session, sql, tables) == [
        {"carrier": "AA", "delay": 7},
        {"carrier": "UA", "delay": 5},
        {"carrier": "ÉT", "delay": 2**62},
    ]


def test_a_sum_of_integers_comes_as_64_bits(session: DuckDBSession, tables: dict[str, list[Path]]) -> None:
    found = session.query("SELECT sum(delay) AS total FROM flights", tables).read_all()
    assert found.schema.field("total").type == pa.int64()


def test_the_last_select_is_the_one_that_counts(
    session: DuckDBSession, tables: dict[str, list[Path]]
) -> None:
    assert rows(session, "SELECT 1 AS a; SELECT 2 AS b; -- done\n", tables) == [{"b": 2}]


@pytest.mark.parametrize(
    "sql",
    [
        "COPY flights TO '/tmp/x.csv'", "ATTACH '/tmp/x.db'", "INSTALL httpfs", "LOAD httpfs",
        "PRAGMA version", "SET threads = 4", "CREATE TABLE x AS SELECT 1", "CALL pragma_version()",
        "EXPORT DATABASE '/tmp/x'", "DROP VIEW flights", "INSERT INTO flights VALUES (1)",
        "SELECT 1; COPY flights TO '/tmp/x.csv'",
    ],
)  # fmt: skip
def test_anything_but_a_select_is_refused(
    session: DuckDBSession, tables: dict[str, list[Path]], sql: str
) -> None:
    with pytest.raises(Refused, match="only SELECT"):
        session.query(sql, tables)


@pytest.mark.parametrize(
    "source",
    [
        "read_text('/etc/hostname')", "read_csv('/etc/passwd')", "glob('/etc/*')", "'/etc/passwd.csv'",
        "read_parquet('https://example.com/x.parquet')", "sniff_csv('/etc/passwd')", "read_blob('/etc/hostname')",
    ],
)  # fmt: skip
def test_no_other_file_and_no_network_can_be_read(
    session: DuckDBSession, tables: dict[str, list[Path]], source: str
) -> None:
    with pytest.raises(PenstockError):
        rows(session, f"SELECT * FROM {source}", tables)


def test_the_seal_says_why(session: DuckDBSession, tables: dict[str, list[Path]]) -> None:
    with pytest.raises(ActivityFailed, match=r"file hostname .*disabled") as told:
        rows(session, "SELECT * FROM read_text('/etc/hostname')", tables)
    assert "/etc" not in str(told.value)  # files are told by their names alone


def test_sql_that_does_not_parse_says_where(session: DuckDBSession, tables: dict[str, list[Path]]) -> None:
    with pytest.raises(InvalidExpression, match="FORM"):
        session.query("SELECT * FORM flights", tables)
    with pytest.raises(InvalidExpression, match="no SQL"):
        session.query("  -- nothing\n", tables)


def test_a_column_that_does_not_exist_is_named(session: DuckDBSession, tables: dict[str, list[Path]]) -> None:
    with pytest.raises(ActivityFailed, match="carier"):
        session.query("SELECT carier FROM flights", tables)


def test_describe_gives_the_columns_without_any_data(session: DuckDBSession) -> None:
    flights = (
        Column(name="carrier"),
        Column(name="delay", type="bigint"),
        Column(name="at", type="datetime_tz"),
    )
    found = session.describe(
        'SELECT carrier, sum(delay) AS total, avg(delay) AS mean, max("at") AS last FROM flights GROUP BY 1',
        {"flights": flights},
    )
    assert [(c.name, c.type) for c in found] == [
        ("carrier", "string"), ("total", "bigint"), ("mean", "double"), ("last", "datetime_tz"),
    ]  # fmt: skip


def test_a_query_larger_than_memory_is_spilled_although_it_sees_no_files(
    tmp_path: Path, tables: dict[str, list[Path]]
) -> None:
    engines = LocalEngines(Config(home=tmp_path / "home", threads=1, memory="25MB"))
    with engines.session() as session:
        sql = "SELECT md5(range::VARCHAR) AS a, range AS n FROM range(500000) ORDER BY a"
        assert sum(batch.num_rows for batch in session.query(sql, tables)) == 500_000
    engines.close()
