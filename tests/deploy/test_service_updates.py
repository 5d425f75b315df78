"""Services on real API nodes: processes of their own, reached by their admin interface only."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from penstock.core.access import Permission
from penstock.core.errors import Failed, Refused
from penstock.core.health import Health
from penstock.core.node import Node
from penstock.deploy import (
    deployments,
    infrastructures,
    live_queries,
    local_nodes,
    monitoring,
    publishing,
    updates,
)
from penstock.runtime import keys
from penstock.testing import a_node
from tests.node.packages import Design, RunningNode, function
from tests.node.packages import node as api_node
from tests.web.browser import a_browser

ID = "flights-on-api"
ADD = "flights/add/run"


@pytest.fixture
def signer(tmp_path: Path) -> Design:
    return Design(tmp_path / "signer")


@pytest.fixture
def nodes(tmp_path: Path, signer: Design) -> Iterator[list[RunningNode]]:
    with api_node(tmp_path / "one", signer) as one, api_node(tmp_path / "two", signer) as two:
        yield [one, two]


@pytest.fixture
def home(tmp_path: Path, signer: Design, nodes: list[RunningNode]) -> Node:
    made = a_node(tmp_path)
    listed = []
    for running in nodes:
        made.secrets.put(running.home.name, running.key)
        listed.append({"url": f"http://127.0.0.1:{running.port}", "key": f"secret:{running.home.name}"})
    infrastructures.define(made, "api", {"type": "static_api_nodes", "nodes": listed}, by="ann")
    publish(made, signer, "v1", 1)
    deployments.create_service(made, "flights", "v1", "api", by="ann")
    return made


@pytest.mark.requirement("D67", "D30")
def test_every_node_gets_the_version_and_one_that_is_down_is_named(
    home: Node, nodes: list[RunningNode], signer: Design
) -> None:
    assert infrastructures.test(home, "api", by="ann")[0].endswith("it has 0 services.")
    updates.run(home, ID, by="ann")
    assert [answer(running) for running in nodes] == [1, 1]
    assert monitoring.look(home, ID).health is Health.HEALTHY

    publish(home, signer, "v2", 2)
    deployments.choose(home, ID, "v2", by="ann")
    assert monitoring.look(home, ID).health is Health.OUT_OF_SYNC
    assert answer(nodes[0]) == 1
    updates.run(home, ID, by="ann")
    assert [answer(running) for running in nodes] == [2, 2]
    assert monitoring.look(home, ID).health is Health.HEALTHY

    nodes[1].stop()
    found = monitoring.look(home, ID)
    assert found.health is Health.ERROR
    assert any(str(nodes[1].port) in reason.text for reason in found.reasons)


@pytest.mark.requirement("D67")
def test_while_a_node_is_down_an_update_fails_and_the_others_keep_their_version(
    home: Node, nodes: list[RunningNode], signer: Design
) -> None:
    updates.run(home, ID, by="ann")
    publish(home, signer, "v2", 2)
    nodes[1].stop()
    with pytest.raises(Failed, match=str(nodes[1].port)):
        updates.run(home, ID, package="v2", by="ann")
    assert answer(nodes[0]) == 1


@pytest.mark.requirement("D49")
def test_no_query_is_lost_while_versions_change(home: Node, nodes: list[RunningNode], signer: Design) -> None:
    updates.run(home, ID, by="ann")
    publish(home, signer, "v2", 2)
    stop, statuses = threading.Event(), list[int]()

    def ask() -> None:
        while not stop.is_set():
            statuses.append(nodes[0].post(ADD, {})[0])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for version in ("v2", "v1", "v2"):
            updates.run(home, ID, package=version, by="ann")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert len(statuses) > 10
    assert set(statuses) == {200}


@pytest.mark.requirement("D50", "D65")
def test_two_versions_share_the_queries_and_activity_counts_them(
    home: Node, nodes: list[RunningNode], signer: Design
) -> None:
    publish(home, signer, "v2", 2)
    entries = [{"generation": "v1", "proba": 0.5}, {"generation": "v2", "proba": 0.5}]
    change(home, {"mapping": {"entries": entries}})
    updates.run(home, ID, by="ann")
    answered = [answer(nodes[0]) for _ in range(60)]
    assert set(answered) == {1, 2}
    lines = [line for line in monitoring.look(home, ID).metrics if line["node"].endswith(str(nodes[0].port))]
    assert sum(line["count"] for line in lines) == 60
    assert {line["generation"] for line in lines} == {"v1", "v2"}


@pytest.mark.requirement("D46")
def test_a_deployment_has_keys_of_its_own(home: Node, nodes: list[RunningNode]) -> None:
    home.secrets.put("caller", "sk_a-secret-of-the-caller")
    change(home, {"access": {"method": "api_keys", "keys": ["secret:caller"]}})
    updates.run(home, ID, by="ann")
    bearer = {"Authorization": "Bearer sk_a-secret-of-the-caller"}
    assert nodes[0].post(ADD, {})[0] == 401
    assert nodes[0].post(ADD, {}, headers=bearer)[0] == 200


@pytest.mark.requirement("D58")
def test_test_queries_of_the_version_are_asked_of_every_node_that_is_live(
    home: Node, nodes: list[RunningNode]
) -> None:
    updates.run(home, ID, by="ann")
    answers = live_queries.run(home, ID, by="ann")
    assert [(a.status, a.generation, a.endpoint) for a in answers] == [(200, "v1", "add")] * 2
    (query,) = live_queries.listing(home, ID)
    assert f"127.0.0.1:{nodes[0].port}/public/api/v1/flights/add/run" in query.samples["curl"]
    nodes[1].stop()
    assert [a.status for a in live_queries.run(home, ID, by="ann")] == [200, 0]


def test_one_that_is_off_answers_nothing_and_goes_from_its_nodes_when_deleted(
    home: Node, nodes: list[RunningNode]
) -> None:
    updates.run(home, ID, by="ann")
    with pytest.raises(Refused, match="Disable"):
        deployments.delete(home, ID, by="ann")
    change(home, {"enabled": False})
    updates.run(home, ID, by="ann")
    assert monitoring.look(home, ID).health is Health.DISABLED
    assert nodes[0].post(ADD, {})[0] in (404, 503)
    deployments.delete(home, ID, by="ann")
    assert nodes[0].admin("GET", "services")[1] == []


def test_a_version_that_a_node_does_not_trust_leaves_the_older_one_answering(
    home: Node, nodes: list[RunningNode], tmp_path: Path
) -> None:
    updates.run(home, ID, by="ann")
    publish(home, Design(tmp_path / "stranger", "stranger"), "v9", 9)
    with pytest.raises(Failed):
        updates.run(home, ID, package="v9", by="ann")
    assert [answer(running) for running in nodes] == [1, 1]


def test_a_local_node_is_started_when_something_is_deployed_there(tmp_path: Path) -> None:
    home = a_node(tmp_path, base_url="http://127.0.0.1:9")
    own = Design(tmp_path / "own")
    own.keys = home.node_keys  # type: ignore[assignment]
    publish(home, own, "v1", 7)
    infrastructures.define(home, "api", {"type": "local_process", "port": free_port()}, by="ann")
    deployments.create_service(home, "flights", "v1", "api", by="ann")
    updates.run(home, ID, by="ann")
    port = home.deployer.get("infrastructure", "api").port
    try:
        import httpx

        said = httpx.post(f"http://127.0.0.1:{port}/public/api/v1/{ADD}", json={}, trust_env=False)
        assert said.json()["response"] == 7
        assert monitoring.look(home, ID).health is Health.HEALTHY
        assert monitoring.course(home, ID)[-1].queries == 1
        settings = tmp_path / "home" / "nodes" / str(port) / "home" / "node.json"
        design = json.loads(settings.read_text())["design"]
        assert design["url"] == "http://127.0.0.1:9", "its journal goes to where this home answers"
        assert Permission.MANAGE_DEPLOYMENTS in keys.identify(home, design["key"]).permissions
        assert settings.stat().st_mode & 0o077 == 0

        local_nodes.stop(home, port)
        url, browser = f"/deployer/deployments/{ID}/test", a_browser(home)
        assert f"The API node on port {port} of this machine does not run now" in browser.get(url).text
        page = browser.post(url)
        assert page.status == 200
        assert "It was started, and then asked." in page.text
        assert [(a.status, a.generation) for a in live_queries.run(home, ID, by="ann")] == [(200, "v1")]
        assert "does not run" not in browser.get(url).text
    finally:
        assert local_nodes.stop(home, port)


def publish(home: Node, signer: Design, version: str, result: int) -> None:
    """A version whose endpoint `add` answers with a number."""
    endpoint = function("add", f"def add(**words):\n    return {result}\n")
    publishing.receive(home, [signer.package(version, endpoints=[endpoint])], sort="service", by="ann")


def answer(running: RunningNode) -> Any:
    status, told = running.post(ADD, {})
    assert status == 200, told
    return told["response"]


def change(home: Node, words: dict[str, Any]) -> None:
    before = deployments.show(home, ID).definition.to_mapping()
    deployments.save(home, ID, {**before, **words}, by="ann")


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
