"""SQL and lookup endpoints on a real PostgreSQL that the node knows from a file of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ..kinds.endpoints.opened import referenced
from .packages import Design, RunningNode, node

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
ASK = {
    "type": "sql_query", "name": "ask", "connection": "shop",
    "queries": [{"sql": "SELECT id, score FROM customers WHERE city = ?", "parameters": ["town"]}],
}  # fmt: skip
ADD = {
    "type": "sql_query", "name": "add", "connection": "shop", "commit": True,
    "queries": [{"sql": "INSERT INTO customers (id, city) VALUES (?, ?)", "parameters": ["id", "town"]}],
}  # fmt: skip
TRY = {**ADD, "name": "try", "commit": False}
FIND = {
    "type": "dataset_lookup", "name": "find",
    "datasets": [{"dataset": "customers", "keys": [{"column": "id"}], "mode": "referenced"}],
}  # fmt: skip
TABLE = (
    "CREATE TABLE customers (id BIGINT, age INTEGER, score DOUBLE PRECISION, vip BOOLEAN, since DATE, city TEXT);"
    "INSERT INTO customers VALUES (1, 30, 0.5, true, '2020-01-02', 'Bonn'), (2, 41, 2.0, false, NULL, 'Paris');"
)


def package(design: Design) -> Path:
    connections = {"shop": "postgresql"}
    return design.package(
        "v1",
        service="shop",
        endpoints=[ASK, ADD, TRY, FIND],
        change={"lookups": referenced(), "connections": connections},
    )


def ask(running: RunningNode, path: str, body: Any) -> tuple[int, Any]:
    return running.post(f"shop/{path}", body)


@pytest.mark.requirement("D53", "D54", "D57")
def test_queries_and_lookups_run_on_postgresql(postgres: Any, design: Design, tmp_path: Path) -> None:
    postgres.run(TABLE)
    home = tmp_path / "node"
    home.mkdir()
    settings = {**postgres.settings, "password": "secret:shop"}
    (home / "connections.json").write_text(json.dumps({"shop": settings}))
    (home / "secrets.json").write_text(json.dumps({"shop": "not asked for"}))
    with node(home, design) as running:
        running.deploy(package(design), "shop")
        status, told = ask(running, "ask/query", {"town": "Bonn"})
        assert (status, told["columns"], told["rows"]) == (200, ["id", "score"], [["1", "0.5"]])
        assert ask(running, "ask/query", {"town": "Bonn' OR '1'='1"})[1]["rows"] == []
        assert ask(running, "try/query", {"id": 3, "town": "Rome"})[1]["updatedRows"] == 1
        assert ask(running, "ask/query", {"town": "Rome"})[1]["rows"] == []
        assert ask(running, "add/query", {"id": 3, "town": "Rome"})[1]["updatedRows"] == 1
        assert ask(running, "ask/query", {"town": "Rome"})[1]["rows"] == [["3", None]]
        found = ask(running, "find/lookup", {"data": {"id": 1}})[1]["results"]
        assert found == [
            {"data": {"age": 30, "score": 0.5, "vip": True, "since": "2020-01-02", "city": "Bonn"}}
        ]
        postgres.run("UPDATE customers SET age = 31 WHERE id = 1")
        assert ask(running, "find/lookup", {"data": {"id": 1}})[1]["results"][0]["data"]["age"] == 31


def test_a_connection_that_this_node_lacks_is_named(design: Design, tmp_path: Path) -> None:
    with node(tmp_path / "node", design) as running:
        running.admin("POST", "services/shop/generations/actions/importFromArchive", archive=package(design))
        status, told = running.admin("POST", "services/shop/actions/switchTo/v1")
        assert (status, told["errorType"]) == (404, "ConnectionMissing")
        assert "There is no connection 'shop'. endpoint ask needs shop: make one" in told["message"]
        assert ask(running, "ask/query", {"town": "Bonn"})[0] == 404
