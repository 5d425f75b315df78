"""*Retrain and deploy* of the card-fraud example: design, automation and API node are processes, the mail is real."""

from __future__ import annotations

import importlib.util
import json
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from penstock.app import Local, open_node
from penstock.core.node import Node
from penstock.core.outcome import Outcome
from penstock.core.scenario import ScenarioRun
from penstock.deploy import deployments, infrastructures, local_nodes, publishing, services, updates
from penstock.runtime import datasets, jobs, projects, scenarios, variables
from penstock.sdk.client import Home
from tests.deploy.places import Automation, infrastructure, publish
from tests.sinks import Post, mail_server

EXAMPLES = Path(__file__).parents[2] / "examples"
KEY, PROJECT, API = "FRAUD", "FRAUD-on-automation", "card_payments-on-api-nodes"
STORE = "flow/evaluations/mes_for_ground_truth.yaml"
MODEL = "flow/models/authorized.yaml"
QUERY = {"purchase_amount": 80.0, "amount_to_usual": 1.4, "card_age": 4, "card_fico_score": 610}


def demands(minimum: float) -> str:
    """A store that warns of a model under a score."""
    return f"checks:\n  - {{type: numeric_range, name: ROC AUC, metric: 'performance:auc', soft_minimum: {minimum}}}\n"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """The example with fewer rows and one algorithm, built up to its model."""
    spec = importlib.util.spec_from_file_location("fraud_demo", EXAMPLES / "fraud_demo.py")
    assert spec is not None
    assert spec.loader is not None
    script: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    node = open_node(tmp_path / "home", user="ann", threads=2)
    projects.add(node, EXAMPLES / "fraud", author="ann")
    model = node.projects.load(KEY).model("authorized").to_mapping()
    model["design"]["algorithms"] = [{"type": "logistic_regression"}]
    files = {MODEL: json.dumps(model), STORE: demands(0.0)}
    node.projects.save(KEY, files, author="ann", message="Small")
    for name, file in script.write(tmp_path / "data", rows_a_month=250).items():
        datasets.upload(node, KEY, name, [file])
    jobs.build(node, KEY, ["new_transaction_data"], "required")
    jobs.build(node, KEY, ["authorized"], "only")
    return node


@pytest.fixture
def far(tmp_path: Path, node: Node) -> Iterator[Automation]:
    """The automation node and the API node, with a first bundle and a first version on them."""
    made = Automation(tmp_path / "automation", trusts=node.node_keys.own())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    infrastructure(node, "automation", url=made.url, secret=made.key)
    infrastructures.define(node, "api-nodes", {"type": "local_process", "port": port}, by="ann")
    try:
        publish(node, "first")
        deployments.create(node, KEY, "first", "automation", by="ann")
        updates.run(node, PROJECT, ignore_warnings=True, by="ann")
        services.create_version(node, KEY, "card_payments", "first", author="ann")
        publishing.service_version(node, KEY, "card_payments", "first", by="ann")
        deployments.create_service(node, "card_payments", "first", "api-nodes", by="ann")
        updates.run(node, API, by="ann")
        yield made
    finally:
        made.stop()
        local_nodes.stop(node, port)


@pytest.fixture
def post(node: Node) -> Iterator[Post]:
    with mail_server() as post:
        settings = {
            "type": "smtp",
            "host": "127.0.0.1",
            "port": post.port,
            "encryption": "none",
            "sender": "a@b.org",
        }
        Home(Local(node)).channels.set("office", settings)
        yield post


def run(node: Node, month: str) -> ScenarioRun:
    datasets.select_files(node, KEY, "new_transactions", [f"{month}.csv"], author="ann")
    variables.assign(node, KEY, {"month": month}, author="ann", local=True)
    return scenarios.run_and_wait(node, KEY, "retrain_and_deploy", fail_on="")


def answer(node: Node) -> tuple[str, float]:
    """The version that answers, and what."""
    url = deployments.show(node, API).urls[0]
    address = f"{url}/public/api/v1/card_payments/predict_authorized/predict"
    with urllib.request.urlopen(address, json.dumps({"features": QUERY}).encode(), timeout=30) as reply:
        told = json.load(reply)
    return told["apiContext"]["serviceGeneration"], told["result"]["probas"]["1"]


def active(far: Automation) -> str:
    import penstock

    return str(penstock.connect(far.url, far.key).incoming.active(KEY).bundle)


@pytest.mark.slow
@pytest.mark.requirement("D97", "D98", "D99", "D100", "D48")
def test_what_the_checks_are_content_with_goes_out_and_nothing_else(
    node: Node, far: Automation, post: Post
) -> None:
    version, before = answer(node)
    assert (active(far), version) == ("first", "first")

    done = run(node, "2017-06")
    assert done.outcome is Outcome.SUCCESS, done.message
    version, after = answer(node)
    assert (active(far), version) == ("v", "v")
    assert after != before
    assert post.mail["Subject"] == "Retrain and deploy: SUCCESS, bundle v"

    node.projects.save(KEY, {STORE: demands(0.999)}, author="ann", message="Ask for too much")
    post.mails.clear()
    assert run(node, "2017-08").outcome is Outcome.WARNING
    assert post.mail["Subject"] == "Retrain and deploy: WARNING, bundle none"
    assert node.bundles.listed(KEY, "made") == ["first", "v"]
    assert active(far) == "v"
    assert answer(node) == ("v", after), "the model that was trained meanwhile is not asked"

    node.projects.save(KEY, {STORE: demands(0.0)}, author="ann", message="Ask for little")
    post.mails.clear()
    far.stop()
    assert run(node, "2017-08").outcome is Outcome.FAILED
    assert post.mail["Subject"] == "Retrain and deploy: FAILED, bundle v1"
    assert f"Deployment {PROJECT} was not updated" in " ".join(post.text().split())
    assert "does not answer" in " ".join(post.text().split())
    assert answer(node) == ("v", after)
    far.start()
    assert active(far) == "v"
