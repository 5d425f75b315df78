"""Updates on a real automation node: another home, another process, another port."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import penstock
from penstock.app import open_node
from penstock.core.errors import Conflict, Failed, NotReady
from penstock.core.health import Health
from penstock.core.node import Node
from penstock.core.update import UpdateState
from penstock.deploy import deployments, infrastructures, monitoring, updates
from penstock.testing import a_project

from ..nodes import RunningNode
from .places import Automation, design, infrastructure, publish

ID = "FRAUD-on-prod"
SCENARIO = """
title: Look
triggers:
  - {type: time, name: Weekly, every: 1 week}
steps:
  - {type: define_variables, values: {a: 1}}
"""


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = design(tmp_path / "design")
    scenario(made, SCENARIO)
    publish(made)
    return made


@pytest.fixture
def far(tmp_path: Path, node: Node) -> Iterator[Automation]:
    made = Automation(tmp_path / "automation", trusts=node.node_keys.own())
    yield made
    made.stop()


@pytest.fixture
def deployed(node: Node, far: Automation) -> Node:
    infrastructure(node, url=far.url, secret=far.key)
    deployments.create(node, "FRAUD", "v1", "prod", by="ann")
    updates.run(node, ID, by="ann", ignore_warnings=True)
    return node


@pytest.mark.requirement("D29", "D30", "D33", "D34")
def test_a_project_goes_to_another_node_is_changed_updated_and_rolled_back(
    deployed: Node, far: Automation
) -> None:
    remote = penstock.connect(far.url, far.key)
    assert remote.keys() == ["FRAUD"]
    assert monitoring.look(deployed, ID).seen.bundle == "v1"  # type: ignore[union-attr]

    a_project(deployed, {"datasets/more": {"type": "managed"}}, key="FRAUD")
    publish(deployed, "v2")
    change(
        deployed,
        {"bundle": "v2", "settings": {"local_variables": {"env": "prod"}, "scenarios": {"look": True}}},
    )
    assert monitoring.look(deployed, ID).health is Health.OUT_OF_SYNC
    assert "more" not in remote.project("FRAUD").definitions().datasets

    second = updates.run(deployed, ID, by="ann", ignore_warnings=True)
    found = monitoring.look(deployed, ID)
    assert (found.health, found.reasons) == (Health.HEALTHY, [])
    now = remote.project("FRAUD").definitions()
    assert "more" in now.datasets
    assert now.local_variables == {"env": "prod"}
    assert now.scenarios["look"].active

    third = updates.wait(deployed, updates.rollback(deployed, ID, by="ann").id)
    assert (third.kind, third.package) == ("rollback", "v1")
    assert "more" not in remote.project("FRAUD").definitions().datasets
    told = [(u.kind, u.package, u.requested_by, u.worked) for u in history(deployed)]
    assert told == [
        ("rollback", "v1", "ann", True),
        ("update", "v2", "ann", True),
        ("deploy", "v1", "ann", True),
    ]
    times = [moment for u in reversed(history(deployed)) for moment in (u.started_at, u.ended_at)]
    assert times == sorted(times)
    assert "activate" in "".join(updates.log(deployed, second.id))


@pytest.mark.requirement("D17")
def test_the_first_deployment_switches_every_trigger_off(deployed: Node, far: Automation) -> None:
    assert not penstock.connect(far.url, far.key).project("FRAUD").definitions().scenarios["look"].active


@pytest.mark.requirement("D31")
def test_a_node_that_stopped_is_an_error_and_healthy_again_when_it_is_back(
    deployed: Node, far: Automation
) -> None:
    before = monitoring.look(deployed, ID).health
    far.stop()
    assert monitoring.look(deployed, ID).health is Health.ERROR
    far.start()
    assert monitoring.look(deployed, ID).health is before


@pytest.mark.requirement("D36")
def test_an_error_of_a_hook_before_blocks_and_one_after_is_only_told(deployed: Node, far: Automation) -> None:
    publish(deployed, "v2")
    hook(deployed, far, "before", "return HookResult.error('not on Fridays')")
    blocked = updates.run(deployed, ID, package="v2", by="ann", ignore_warnings=True, no_fail=True)
    assert (blocked.state, "not on Fridays" in blocked.error) == (UpdateState.FAILED, True)
    assert monitoring.look(deployed, ID).seen.bundle == "v1"  # type: ignore[union-attr]
    hook(deployed, far, "after", "raise ValueError('the wiki is away')")
    done = updates.run(deployed, ID, by="ann", ignore_warnings=True)
    assert done.state is UpdateState.WARNING
    assert any("the wiki is away" in m.text for m in done.messages)
    assert monitoring.look(deployed, ID).seen.bundle == "v2"  # type: ignore[union-attr]


@pytest.mark.requirement("D36")
def test_a_hook_sees_who_deploys_what_and_reaches_the_node(deployed: Node, far: Automation) -> None:
    code = "return HookResult.success(f'{requesting_user} {deployment_id} {automation_client.keys()}')"
    hook(deployed, far, "before", code)
    done = updates.run(deployed, ID, by="ann", ignore_warnings=True)
    assert any(f"ann {ID} ['FRAUD']" in m.text for m in done.messages)


@pytest.mark.slow
@pytest.mark.requirement("D36")
def test_a_hook_reaches_the_deployer_with_a_key_that_is_good_until_it_ends(
    deployed: Node, far: Automation
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serving = RunningNode(folder=deployed.config.home, name="design", role="design", worker=False)
    serving.start(port)
    try:
        node = open_node(
            deployed.config.home, base_url=f"http://127.0.0.1:{port}", node_name="design", user="ann"
        )
        body = "return HookResult.success(' '.join(d.id for d in kwargs['deployer_client'].deployer.deployments()))"
        hook(node, far, "before", body)
        done = updates.run(node, ID, by="ann", ignore_warnings=True)
        assert any(f"guard: {ID}" in m.text for m in done.messages), done.messages
        assert [key.label for key in node.credentials.keys() if "hook" in key.label] == []  # noqa: SIM118  a port
    finally:
        serving.stop()


@pytest.mark.requirement("D100", "D34")
def test_an_update_that_fails_leaves_the_older_bundle_active(deployed: Node, far: Automation) -> None:
    connected(deployed)
    publish(deployed, "v2")
    with pytest.raises(Failed, match="sql_dev"):
        updates.run(deployed, ID, package="v2", by="ann", ignore_warnings=True)
    found = monitoring.look(deployed, ID)
    assert found.seen is not None
    assert (found.seen.bundle, found.health) == ("v1", Health.ERROR)
    assert history(deployed)[0].state is UpdateState.FAILED


def test_an_update_is_stopped_before_its_next_phase(deployed: Node, far: Automation) -> None:
    publish(deployed, "v2")
    hook(deployed, far, "before", "import time; time.sleep(60)")
    begun = updates.start(deployed, ID, package="v2", by="ann", ignore_warnings=True)
    with pytest.raises(Conflict):
        updates.start(deployed, ID, by="ann")
    assert updates.abort(deployed, begun.id, by="ann")
    assert updates.wait(deployed, begun.id, no_fail=True).state is UpdateState.ABORTED
    assert monitoring.look(deployed, ID).seen.bundle == "v1"  # type: ignore[union-attr]


def test_one_that_is_switched_off_starts_nothing_and_can_be_deleted(deployed: Node, far: Automation) -> None:
    change(deployed, {"settings": {"scenarios": {"look": True}}})
    updates.run(deployed, ID, by="ann", ignore_warnings=True)
    change(deployed, {"enabled": False})
    assert updates.run(deployed, ID, by="ann", ignore_warnings=True).kind == "disable"
    remote = penstock.connect(far.url, far.key)
    assert not remote.project("FRAUD").definitions().scenarios["look"].active
    deployments.delete(deployed, ID, by="ann")
    assert remote.keys() == ["FRAUD"]


@pytest.mark.requirement("D37")
@pytest.mark.parametrize(
    ("policy", "ignore", "ends"),
    [
        ("block", True, UpdateState.FAILED),
        ("warn", False, UpdateState.FAILED),
        ("warn", True, UpdateState.WARNING),
    ],
)
def test_findings_of_project_standards_block_or_want_a_confirmation(
    node: Node, far: Automation, policy: str, ignore: bool, ends: UpdateState
) -> None:
    infrastructure(node, url=far.url, secret=far.key, standards=policy, worst_finding="MEDIUM")
    deployments.create(node, "FRAUD", "v1", "prod", by="ann")
    ended = updates.run(node, ID, by="ann", ignore_warnings=ignore, no_fail=True)
    assert ended.state is ends
    told = ended.error + "".join(m.text for m in ended.messages)
    assert "HIGH: The project has no description. Its goals are not written down." in told
    assert "No recipe reads or writes" not in told, "that is only LOW"
    assert (far_keys(far) == ["FRAUD"]) is (ends is not UpdateState.FAILED)


def test_a_key_that_is_no_good_is_told_when_the_infrastructure_is_tried(node: Node, far: Automation) -> None:
    infrastructure(node, url=far.url, secret=far.key)
    assert infrastructures.test(node, "prod", by="ann")[0].startswith(far.url)
    infrastructure(node, url=far.url, secret="pk_wrong")
    with pytest.raises(Exception, match="key"):
        infrastructures.test(node, "prod", by="ann")


def test_there_is_nothing_to_go_back_to_after_the_first_update(deployed: Node) -> None:
    with pytest.raises(NotReady, match="no earlier"):
        updates.rollback(deployed, ID, by="ann")


def history(node: Node) -> list[Any]:
    return updates.history(node, ID)


def change(node: Node, words: dict[str, Any]) -> None:
    before = deployments.show(node, ID).definition.to_mapping()
    deployments.save(node, ID, {**before, **words}, by="ann")


def hook(node: Node, far: Automation, when: str, body: str) -> None:
    code = "def execute(requesting_user, deployment_id, automation_client, **kwargs):\n    " + body
    infrastructure(node, url=far.url, secret=far.key, hooks=[{"name": "guard", "when": when, "code": code}])


def scenario(node: Node, text: str) -> None:
    node.projects.save("FRAUD", {"scenarios/look.yaml": text}, author="ann", message="Make scenario look")


def far_keys(far: Automation) -> list[str]:
    return list(penstock.connect(far.url, far.key).keys())


def connected(node: Node) -> None:
    """A dataset in a database that the automation node does not know."""
    from penstock.core import registry
    from penstock.core.connection import Connection

    made = registry.parse("connections", {"type": "sqlite", "path": str(node.config.home / "dev.db")})
    assert isinstance(made, Connection)
    node.connections.save("sql_dev", made)
    a_project(
        node, {"datasets/flights": {"type": "sql_table", "connection": "sql_dev", "table": "t"}}, key="FRAUD"
    )
