"""The test queries of what is deployed, without any node that answers."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from penstock.core import registry
from penstock.core.service import Endpoint
from penstock.deploy import deployments, infrastructures, live_queries, openapi, publishing
from penstock.testing import a_node
from tests.node.packages import Design, function

NODE = {"url": "http://127.0.0.1:1", "key": "secret:none"}
HALVES = {"entries": [{"generation": "v1", "proba": 0.5}, {"generation": "v2", "proba": 0.5}]}


def with_a_query(name: str, query: dict[str, Any]) -> dict[str, Any]:
    return function(name, f"def {name}(**words):\n    return 1\n", test_queries=[{"query": query}])


LOOKUP = {"dataset": "history", "keys": [{"column": "id"}]}


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        (function("add", "def add(a, b=1):\n    return a + b\n"), {"a": None}),
        (function("now", "def now(**more):\n    return 1\n"), {}),
        ({"type": "dataset_lookup", "name": "cards", "datasets": [LOOKUP]}, {"data": {"id": None}}),
        (with_a_query("add", {"a": 2}), {"a": 2}),
    ],
)
def test_a_question_to_begin_with_has_the_form_of_its_endpoint(
    endpoint: Any, expected: dict[str, Any]
) -> None:
    made = registry.parse("endpoints", endpoint)
    assert isinstance(made, Endpoint)
    assert openapi.example(made) == expected


def test_code_that_asks_spells_a_query_one_way() -> None:
    endpoint = registry.parse("endpoints", function())
    assert isinstance(endpoint, Endpoint)
    query = {"carrier": "US", "note": 'it "is"', "live": True, "gate": None, "few": ["é", 1.5]}
    code = openapi.samples("flights", endpoint, query, address="http://node:7980", keys=False)["python"]
    spelled = code.split("query = ")[1].split("\n")[0]
    assert spelled.startswith('{"carrier": "US", "note": ')
    assert ast.literal_eval(spelled) == query


@pytest.mark.requirement("D58")
def test_queries_of_every_version_that_answers_are_listed_once(tmp_path: Path) -> None:
    node, signer = a_node(tmp_path), Design(tmp_path / "signer")
    infrastructures.define(node, "api", {"type": "static_api_nodes", "nodes": [NODE]}, by="ann")
    first, second = with_a_query("add", {"a": 1}), with_a_query("add", {"a": 2})
    for version, endpoints in {"v1": [first], "v2": [second, with_a_query("less", {})]}.items():
        package = signer.package(version, endpoints=endpoints)
        publishing.receive(node, [package], sort="service", by="ann")
    deployments.create_service(node, "flights", "v1", "api", by="ann")
    before = deployments.show(node, "flights-on-api").definition.to_mapping()
    deployments.save(node, "flights-on-api", {**before, "mapping": HALVES}, by="ann")
    found = live_queries.listing(node, "flights-on-api")
    assert [(query.endpoint, dict(query.query)) for query in found] == [("add", {"a": 1}), ("less", {})]
