"""`penstock deployer` on a service that is published and not yet deployed."""

from __future__ import annotations

from pathlib import Path

from penstock.app import open_node
from penstock.deploy import deployments, infrastructures, publishing
from tests.cli.bank import Bank
from tests.node.packages import Design, function


def test_monitoring_says_which_deployment_a_line_is_of(empty: Bank, tmp_path: Path) -> None:
    empty.ok("home", "create")
    node = open_node(empty.home)
    infrastructures.define(node, "api", {"type": "static_api_nodes", "nodes": [NODE]}, by="ann")
    package = Design(tmp_path / "signer").package(endpoints=[function()])
    publishing.receive(node, [package], sort="service", by="ann")
    deployments.create_service(node, "flights", "v1", "api", by="ann")
    said = empty.ok("deployer", "monitoring").out
    assert "flights-on-api" in said
    assert "deployment" in said
    assert (
        "flights-on-api, model: It answers without a saved model."
        in empty.ok("deployer", "monitoring", "--refresh").out
    )


NODE = {"url": "http://127.0.0.1:1", "key": "secret:none"}
