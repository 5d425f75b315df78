"""A connection to PostgreSQL: tried, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.core.errors import Failed
from penstock.core.node import Node
from penstock.runtime import connections, datasets
from penstock.testing import a_node, a_project
from tests.servers import Postgres, warehouse


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return a_node(tmp_path)


def test_trying_it_tells_the_version_and_what_is_there(node: Node, postgres: Postgres) -> None:
    postgres.run(
        "CREATE SCHEMA retail", "CREATE TABLE retail.sales (n int)", "CREATE VIEW retail.v AS SELECT 1 AS n"
    )
    warehouse(node, postgres, schema="retail")
    found = connections.test(node, "warehouse")
    assert found.startswith("PostgreSQL 18.")
    assert found.endswith("answers, not encrypted; 2 tables and views in schema retail")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"database": "nowhere"}, 'database "nowhere" does not exist'),
        ({"user": "nobody"}, 'role "nobody" does not exist'),
        ({"host": "127.0.0.1", "port": 9}, "127.0.0.1:9.*refused"),
    ],
)
def test_what_is_wrong_is_said_and_where(
    node: Node, postgres: Postgres, wrong: dict[str, Any], said: str
) -> None:
    warehouse(node, postgres, **wrong)
    with pytest.raises(Failed, match=said):
        connections.test(node, "warehouse")
    a_project(node, {"datasets/x": {"type": "sql_table", "connection": "warehouse", "table": "x"}})
    with pytest.raises(Failed, match=said):
        datasets.head(node, "DEMO", "x")


def test_a_password_is_sealed_and_used(node: Node, postgres: Postgres) -> None:
    warehouse(node, postgres, password="secret:word")
    assert connections.listed(node, "warehouse").missing_secrets == ("word",)
    connections.set_secret(node, "word", "p@ss w:/rd")
    assert "answers" in connections.test(node, "warehouse")
