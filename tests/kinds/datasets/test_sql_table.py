"""Tables of databases as datasets."""

from __future__ import annotations

import pytest

from penstock.core.errors import NotFound
from penstock.core.node import Node
from penstock.runtime import datasets
from penstock.testing import a_node, a_project, build, rows
from tests.servers import Postgres, warehouse

KINDS = (
    "CREATE TABLE sales (id int, huge bigint, price numeric(10, 2), whole numeric(12), loose numeric, day date, "
    "at timestamptz, moment timestamp, name varchar(20), ok boolean, extra jsonb, who uuid, ratio real, tags text[], "
    "clock time, home inet)",
    "INSERT INTO sales VALUES (1, 9223372036854775807, 1.25, 12, 0.1, '2024-02-29', '2024-01-01 01:00+01', "
    "'2024-01-01 01:00:00.123456', 'é', true, "
    """'{"a": 1}', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 1.5, '{a,b}', '10:30', '10.0.0.1')""",
    "INSERT INTO sales DEFAULT VALUES",
)


@pytest.fixture
def node(postgres: Postgres, tmp_path) -> Node:  # type: ignore[no-untyped-def]
    return warehouse(a_node(tmp_path), postgres)


def sales(node: Node, **words: object) -> None:
    a_project(
        node, {"datasets/sales": {"type": "sql_table", "connection": "warehouse", "table": "sales", **words}}
    )


def test_the_database_says_its_columns(node: Node, postgres: Postgres) -> None:
    postgres.run(*KINDS)
    sales(node)
    assert {c.name: c.type for c in datasets.reload(node, "DEMO", "sales", author="ann")} == {
        "id": "int", "huge": "bigint", "price": "double", "whole": "bigint", "loose": "double", "day": "date",
        "at": "datetime_tz", "moment": "datetime", "name": "string", "ok": "boolean", "extra": "string",
        "who": "string", "ratio": "float", "tags": "array", "clock": "string", "home": "string",
    }  # fmt: skip


def test_rows_come_with_their_values(node: Node, postgres: Postgres) -> None:
    postgres.run(*KINDS)
    sales(node)
    found, empty = rows(node, "sales")
    assert found | {"at": None, "moment": None, "day": None} == {
        "id": 1, "huge": 9223372036854775807, "price": 1.25, "whole": 12, "loose": 0.1, "day": None, "at": None,
        "moment": None, "name": "é", "ok": True, "extra": '{"a": 1}', "ratio": 1.5, "tags": ["a", "b"],
        "who": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "clock": "10:30:00", "home": "10.0.0.1/32",
    }  # fmt: skip
    times = [found["day"], found["at"], found["moment"]]
    assert list(map(str, times)) == [
        "2024-02-29",
        "2024-01-01 00:00:00+00:00",
        "2024-01-01 01:00:00.123456",
    ]
    assert set(empty.values()) == {None}


def test_a_table_lies_in_the_schema_that_the_dataset_or_the_connection_names(
    node: Node, postgres: Postgres
) -> None:
    postgres.run("CREATE SCHEMA retail", "CREATE TABLE retail.sales AS SELECT 7 AS n")
    sales(node, schema="retail")
    assert rows(node, "sales") == [{"n": 7}]
    warehouse(node, postgres, schema="retail")
    sales(node)
    assert rows(node, "sales") == [{"n": 7}]


def test_a_table_that_is_not_there_is_named_with_the_nearest(node: Node, postgres: Postgres) -> None:
    postgres.run("CREATE TABLE sale (n int)")
    sales(node)
    with pytest.raises(NotFound, match=r"no table 'sales' in connection warehouse\. Did you mean sale"):
        rows(node, "sales")


@pytest.mark.requirement("A28")
def test_what_others_change_counts_as_current_until_a_build_is_forced(node: Node, postgres: Postgres) -> None:
    postgres.run("CREATE TABLE sales AS SELECT 1 AS n")
    sales(node)
    a_project(node, {
        "datasets/copied": {"type": "managed"},
        "recipes/copy": {"type": "sync", "input": "sales", "output": "copied"},
    })  # fmt: skip
    build(node, "copied")
    postgres.run("UPDATE sales SET n = 2")
    build(node, "copied")
    assert rows(node, "copied") == [{"n": 1}]
    build(node, "copied", mode="all")
    assert rows(node, "copied") == [{"n": 2}]


def test_a_recipe_elsewhere_reads_a_table_in_its_own_types(node: Node, postgres: Postgres) -> None:
    postgres.run(*KINDS)
    sales(node)
    a_project(node, {
        "datasets/copied": {"type": "managed"},
        "recipes/copy": {"type": "sync", "input": "sales", "output": "copied"},
    })  # fmt: skip
    build(node, "copied")
    assert rows(node, "copied") == rows(node, "sales")
    assert datasets.columns(node, "DEMO", "copied") == datasets.columns(node, "DEMO", "sales")
