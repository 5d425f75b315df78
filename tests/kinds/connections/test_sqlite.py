"""A connection to SQLite, and by a URL: tried, read, looked at."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import ActivityFailed, Failed, Refused
from penstock.core.node import Node
from penstock.core.registry import parse
from penstock.runtime import column_analysis, connections, datasets, metrics, querying
from penstock.testing import a_node, a_project, build, rows


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "shop.db"
    with sqlite3.connect(found) as con:
        con.executescript(
            "CREATE TABLE sales (id INTEGER, price DECIMAL(10, 2), name VARCHAR(20), day DATE, at TIMESTAMP, "
            "ok BOOLEAN);"
            "INSERT INTO sales VALUES (1, 1.25, 'é', '2024-02-29', '2024-01-01 01:00:00.123456', 1), "
            "(9223372036854775807, NULL, '', NULL, NULL, NULL);"
        )
    con.close()
    return found


@pytest.fixture(params=["sqlite", "sql"])
def node(request: pytest.FixtureRequest, file: Path, tmp_path: Path) -> Node:
    node = a_node(tmp_path)
    words: dict[str, Any] = {"sqlite": {"path": str(file)}, "sql": {"url": f"sqlite://{file}"}}[request.param]
    made: Any = parse("connections", {"type": request.param, **words})
    node.connections.save("shop", made)
    a_project(node, {"datasets/sales": {
        "type": "sql_table", "connection": "shop", "table": "sales",
        "probes": [
            {"type": "column_statistics"},
            {"type": "sql", "name": "q", "query": "SELECT count(*) AS n FROM dataset"},
        ],
    }})  # fmt: skip
    return node


def test_trying_it_tells_what_is_there(node: Node) -> None:
    assert "1 table or view" in connections.test(node, "shop")


def test_a_file_that_is_not_there_is_told_and_not_made(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    made: Any = parse("connections", {"type": "sqlite", "path": str(tmp_path / "none.db")})
    node.connections.save("shop", made)
    with pytest.raises(Failed, match="There is no file"):
        connections.test(node, "shop")
    assert not (tmp_path / "none.db").exists()


def test_a_table_has_its_columns_and_values(node: Node) -> None:
    assert {c.name: c.type for c in datasets.reload(node, "DEMO", "sales", author="ann")} == {
        "id": "bigint", "price": "double", "name": "string", "day": "date", "at": "datetime", "ok": "boolean",
    }  # fmt: skip
    first, second = rows(node, "sales")
    assert [str(first[c]) for c in ("day", "at")] == ["2024-02-29", "2024-01-01 01:00:00.123456"]
    assert (first["id"], first["price"], first["name"], first["ok"]) == (1, 1.25, "é", True)
    assert second == {
        "id": 9223372036854775807, "price": None, "name": "", "day": None, "at": None, "ok": None
    }  # fmt: skip


def test_statistics_probes_and_looks_are_computed_there(node: Node) -> None:
    found = {v.metric_id: v.value for v in metrics.compute(node, "DEMO", "sales").computed}
    assert (found["sql_query:n:q"], found["col_stats:COUNT_EMPTY:name"]) == ("2", "1")
    assert column_analysis.analyse(node, "DEMO", "sales", "name").distinct == 1
    for way in datasets.SAMPLED:
        assert len(datasets.sample(node, "DEMO", "sales", 1, way=way).rows) == 1


def test_a_query_is_a_dataset_and_changes_nothing(node: Node, file: Path) -> None:
    query = {
        "type": "sql_query",
        "connection": "shop",
        "query": "SELECT max(id) AS top, 'x' AS s FROM sales;",
    }
    a_project(node, {"datasets/top": query})
    assert rows(node, "top") == [{"top": 9223372036854775807, "s": "x"}]
    with pytest.raises(Refused, match="Only a SELECT"):
        querying.query(node, node.projects.load("DEMO"), {}, "DELETE FROM sales", limit=5, connection="shop")
    wrong = "WITH x AS (SELECT 1) DELETE FROM sales"
    with pytest.raises(ActivityFailed, match=r"readonly|syntax"):
        querying.query(node, node.projects.load("DEMO"), {}, wrong, limit=5, connection="shop")
    with sqlite3.connect(file) as con:
        assert con.execute("SELECT count(*) FROM sales").fetchone() == (2,)
    con.close()


def test_a_query_that_takes_too_long_is_stopped(node: Node) -> None:
    slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(ActivityFailed, match=r"took longer than 0\.3 seconds"):
        querying.query(node, node.projects.load("DEMO"), {}, slow, limit=5, timeout=0.3, connection="shop")


def test_a_recipe_elsewhere_reads_it_in_its_own_types(node: Node) -> None:
    a_project(node, {
        "datasets/copied": {"type": "managed"},
        "recipes/copy": {"type": "sync", "input": "sales", "output": "copied"},
    })  # fmt: skip
    build(node, "copied")
    assert rows(node, "copied") == rows(node, "sales")
