"""A connection to MariaDB: tried, read, looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.errors import ActivityFailed, Failed, NotFound, Refused
from penstock.core.node import Node
from penstock.runtime import column_analysis, connections, datasets, metrics, querying
from penstock.testing import a_node, a_project, build, rows
from tests.mariadb import MariaDB
from tests.servers import warehouse

KINDS = (
    "CREATE TABLE sales (id int, huge bigint, more bigint unsigned, price decimal(10, 2), whole decimal(12), x double, "
    "day date, moment datetime(6), at timestamp(6) NULL, name varchar(20), note text, ok boolean, extra json, "
    "sort enum('a', 'b'), built year, clock time)",
    "INSERT INTO sales VALUES (1, 9223372036854775807, 18446744073709551615, 1.25, 12, 0.5, '2024-02-29', "
    "'2024-01-01 01:00:00.123456', '2024-01-01 01:00:00', 'é', '', true, '{\"a\": 1}', 'b', 2024, '10:30:00')",
    "INSERT INTO sales (id, at) VALUES (NULL, NULL)",
)

LISTED = "SELECT count(*) AS n, group_concat(DISTINCT s ORDER BY s) AS list FROM dataset"


@pytest.fixture
def node(mariadb: MariaDB, tmp_path: Path) -> Node:
    return warehouse(a_node(tmp_path), mariadb)


def sales(node: Node, **words: object) -> None:
    a_project(
        node, {"datasets/sales": {"type": "sql_table", "connection": "warehouse", "table": "sales", **words}}
    )


def test_trying_it_tells_the_version_and_what_is_there(node: Node, mariadb: MariaDB) -> None:
    mariadb.run("CREATE TABLE sales (n int)")
    found = connections.test(node, "warehouse")
    assert found.startswith("MariaDB 1")
    assert found.endswith(f"answers; 1 table or view in {mariadb.database}")


def test_what_is_wrong_is_said(node: Node, mariadb: MariaDB) -> None:
    warehouse(node, mariadb, database="nowhere")
    with pytest.raises(Failed, match="Unknown database 'nowhere'"):
        connections.test(node, "warehouse")


def test_a_table_has_its_columns_and_values(node: Node, mariadb: MariaDB) -> None:
    mariadb.run(*KINDS)
    sales(node)
    assert {c.name: c.type for c in datasets.reload(node, "DEMO", "sales", author="ann")} == {
        "id": "int", "huge": "bigint", "more": "double", "price": "double", "whole": "bigint", "x": "double",
        "day": "date", "moment": "datetime", "at": "datetime_tz", "name": "string", "note": "string",
        "ok": "boolean", "extra": "string", "sort": "string", "built": "int", "clock": "string",
    }  # fmt: skip
    found, empty = rows(node, "sales")
    times = [str(found.pop(c)) for c in ("day", "moment", "at")]
    assert times == ["2024-02-29", "2024-01-01 01:00:00.123456", "2024-01-01 01:00:00+00:00"]
    assert found == {
        "id": 1, "huge": 9223372036854775807, "more": 2.0**64, "price": 1.25, "whole": 12, "x": 0.5, "name": "é",
        "note": "", "ok": True, "extra": '{"a": 1}', "sort": "b", "built": 2024, "clock": "10:30:00",
    }  # fmt: skip
    assert set(empty.values()) == {None}


def test_a_table_that_is_not_there_is_named_with_the_nearest(node: Node, mariadb: MariaDB) -> None:
    mariadb.run("CREATE TABLE sale (n int)")
    sales(node)
    with pytest.raises(NotFound, match=r"no table 'sales' in connection warehouse\. Did you mean sale"):
        rows(node, "sales")


def test_statistics_probes_and_looks_are_computed_there(node: Node, mariadb: MariaDB) -> None:
    mariadb.run(
        "CREATE TABLE sales AS SELECT seq AS i, seq % 7 * 0.5e0 AS x, concat('s', seq % 3) AS s FROM seq_1_to_1000",
        "ALTER TABLE sales MODIFY i bigint NULL, MODIFY x double NULL",
        "INSERT INTO sales VALUES (NULL, NULL, '')",
    )
    sales(node, probes=[
        {"type": "records"}, {"type": "column_statistics"},
        {"type": "sql", "name": "mine", "query": LISTED},
    ])  # fmt: skip
    found = {v.metric_id: v.value for v in metrics.compute(node, "DEMO", "sales").computed}
    assert found["records:COUNT_RECORDS"] == "1001"
    assert (found["sql_query:n:mine"], found["sql_query:list:mine"]) == ("1001", ",s0,s1,s2")
    assert (found["col_stats:MAX:i"], found["col_stats:MEAN:i"]) == ("1000", "500.5")
    assert found["col_stats:COUNT_EMPTY:s"] == "1"
    assert float(found["col_stats:STDDEV:i"]) == pytest.approx(288.8194360957494)
    assert column_analysis.analyse(node, "DEMO", "sales", "s").distinct == 3
    for way in datasets.SAMPLED:
        assert len(datasets.sample(node, "DEMO", "sales", 10, way=way).rows) == 10


def test_a_query_is_a_dataset_and_changes_nothing(node: Node, mariadb: MariaDB) -> None:
    mariadb.run("CREATE TABLE sales AS SELECT 1 AS n UNION ALL SELECT 2")
    query = {
        "type": "sql_query",
        "connection": "warehouse",
        "query": "SELECT max(n) AS top, 'x' AS s FROM sales;",
    }
    a_project(node, {"datasets/top": query})
    assert rows(node, "top") == [{"top": 2, "s": "x"}]
    for wrong in ("DELETE FROM sales", "SELECT 1; DROP TABLE sales"):
        with pytest.raises((ActivityFailed, Refused), match=r"Only a SELECT|syntax"):
            querying.query(node, node.projects.load("DEMO"), {}, wrong, limit=5, connection="warehouse")
    assert mariadb.run("SELECT count(*) FROM sales") == [(2,)]


def test_a_query_that_takes_too_long_is_stopped_there(node: Node, mariadb: MariaDB) -> None:
    slow = "SELECT count(*) FROM seq_1_to_100000 a, seq_1_to_1000000 b"
    a_project(node)
    with pytest.raises(ActivityFailed, match=r"took longer than 0\.5 seconds"):
        querying.query(
            node, node.projects.load("DEMO"), {}, slow, limit=5, timeout=0.5, connection="warehouse"
        )
    assert mariadb.run("SELECT count(*) FROM information_schema.processlist WHERE info LIKE '%1000000%'") == [
        (1,)
    ]


def test_a_recipe_elsewhere_reads_it_in_its_own_types(node: Node, mariadb: MariaDB) -> None:
    mariadb.run(*KINDS)
    sales(node)
    a_project(node, {
        "datasets/copied": {"type": "managed"},
        "recipes/copy": {"type": "sync", "input": "sales", "output": "copied"},
    })  # fmt: skip
    build(node, "copied")
    assert rows(node, "copied") == rows(node, "sales")
