from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from penstock.core import registry
from penstock.core.connection import Connection
from penstock.core.errors import Invalid
from penstock.core.node import Node
from penstock.deploy import service_queries, services
from penstock.testing import KEY
from tests.web.pages.modelled import a_bank

ENDPOINT = "predict_authorized"
PRINTS = {
    "type": "python_function",
    "name": "who",
    "code": "import os\ndef who():\n    print('x')\n    return os.getpid()\n",
}


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = a_bank(tmp_path)
    services.create(node, KEY, "bank", author="ann", model="authorized")
    return node


@pytest.mark.requirement("D58")
def test_queries_are_made_from_rows_kept_and_answered(node: Node) -> None:
    made = service_queries.generate(node, KEY, "bank", ENDPOINT, dataset="april", rows=3, author="ann")
    assert [q.name for q in made] == ["april 1", "april 2", "april 3"]
    assert made[0].query["features"].keys() == {"amount", "card_age", "sector"}, "only what the model uses"
    assert services.show(node, KEY, "bank").service.endpoint(ENDPOINT).test_queries == made
    found = service_queries.run(node, KEY, "bank")
    assert [(r.endpoint, r.verb, r.status, r.good) for r in found] == [(ENDPOINT, "predict", 200, True)] * 3
    assert all(0 <= r.answer["result"]["probas"]["1"] <= 1 for r in found)
    assert not list((node.config.home / "work").glob("service-*"))


def test_queries_made_again_take_the_place_of_those_before(node: Node) -> None:
    service_queries.keep(node, KEY, "bank", ENDPOINT, [{"name": "mine", "query": {}}], author="ann")
    for rows in (2, 3):
        service_queries.generate(node, KEY, "bank", ENDPOINT, dataset="april", rows=rows, author="ann")
    kept = services.show(node, KEY, "bank").service.endpoint(ENDPOINT).test_queries
    assert [q.name for q in kept] == ["mine", "april 1", "april 2", "april 3"]


@pytest.mark.requirement("D58")
def test_a_refused_query_is_an_answer_and_code_runs_in_a_process_of_its_own(node: Node) -> None:
    services.save_endpoint(node, KEY, "bank", PRINTS, author="ann")
    ran = service_queries.ask(node, KEY, "bank", "who", {})
    assert ran.answer["response"] != os.getpid()
    refused = service_queries.ask(node, KEY, "bank", ENDPOINT, {"amount": 1})
    assert (refused.status, refused.answer["errorType"], refused.good) == (400, "bad-query", False)
    unknown = service_queries.ask(node, KEY, "bank", ENDPOINT, {}, verb="run")
    assert unknown.status == 404


def test_an_endpoint_that_does_not_open_hinders_no_other(node: Node) -> None:
    broken = {"type": "python_function", "name": "broken", "code": "1 / 0\ndef broken(): return 1"}
    services.save_endpoint(node, KEY, "bank", broken, author="ann")
    for name, query in (("broken", {}), (ENDPOINT, {"features": {"amount": 1}})):
        service_queries.keep(node, KEY, "bank", name, [{"query": query}], author="ann")
    found = {r.endpoint: r.status for r in service_queries.run(node, KEY, "bank")}
    assert found == {ENDPOINT: 200, "broken": 500}


def test_a_query_reaches_a_database_through_a_connection_of_the_node(node: Node, tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    with sqlite3.connect(file) as con:
        con.executescript(
            "CREATE TABLE customers (email TEXT, age INTEGER); INSERT INTO customers VALUES ('a@b', 7);"
        )
    con.close()
    shop = registry.parse("connections", {"type": "sqlite", "path": str(file)})
    assert isinstance(shop, Connection)
    node.connections.save("shop", shop)
    query = {"sql": "SELECT age FROM customers WHERE email = ?", "parameters": ["email"]}
    endpoint = {"type": "sql_query", "name": "customer", "connection": "shop", "queries": [query]}
    services.save_endpoint(node, KEY, "bank", endpoint, author="ann")
    assert service_queries.ask(node, KEY, "bank", "customer", {"email": "a@b"}).answer["rows"] == [["7"]]
    made = services.create_version(node, KEY, "bank", "v1", author="ann")
    assert made.connections == ("shop",)
    assert str(file).encode() not in services.archive(node, KEY, "bank", "v1").read_bytes(), (
        "connections stay on nodes"
    )


def test_no_query_is_no_work_and_too_many_rows_are_refused(node: Node) -> None:
    assert service_queries.run(node, KEY, "bank") == []
    with pytest.raises(Invalid, match="1 to 100"):
        service_queries.generate(node, KEY, "bank", ENDPOINT, dataset="april", rows=1000, author="ann")
