"""Scenarios that ship by themselves: a bundle to an automation node, a version of a service to an API node."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import penstock
from penstock.core.node import Node
from penstock.core.outcome import Outcome
from penstock.deploy import deployments, monitoring, updates
from penstock.testing import a_project
from tests.runtime.acts import BADLY, a_scenario, named, run, steps

from .places import Automation, design, infrastructure, publish

ID = "DEMO-on-prod"
BUNDLE = named("bundle", {"type": "create_bundle", "bundle": "v", "unique": True, "publish": True})
UPDATE = named(
    "ship", {"type": "update_deployment", "deployment": ID, "bundle": "${bundle_id}", "ignore_warnings": True}
)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = design(tmp_path / "design")
    a_project(made, {"datasets/raw": {"type": "managed"}})
    publish(made, "first", project="DEMO")
    infrastructure(made)
    deployments.create(made, "DEMO", "first", "prod", by="ann")
    return made


@pytest.fixture
def far(tmp_path: Path, node: Node) -> Iterator[Automation]:
    made = Automation(tmp_path / "automation", trusts=node.node_keys.own())
    infrastructure(node, url=made.url, secret=made.key)
    yield made
    made.stop()


@pytest.mark.requirement("A92", "D97")
def test_a_new_bundle_is_made_published_and_deployed_and_the_next_run_gives_the_next_number(
    node: Node, far: Automation
) -> None:
    a_scenario(node, "ship", BUNDLE, UPDATE)
    for expected in ("v", "v1"):
        ended = run(node, "ship")
        assert ended.outcome in (Outcome.SUCCESS, Outcome.WARNING), ended.message
        assert steps(node, ended)["ship"].output["package"] == expected  # type: ignore[index]
        seen = monitoring.look(node, ID).seen
        assert seen is not None
        assert seen.bundle == expected
    assert penstock.connect(far.url, far.key).keys() == ["DEMO"]


@pytest.mark.requirement("D98")
def test_after_a_warning_nothing_is_bundled_when_only_success_lets_it_run(node: Node) -> None:
    warned = named("warn", BADLY, proceed_on_failure=True)
    only = {"run_if": {"outcome": ["SUCCESS"]}}
    a_scenario(node, "ship", warned, {**BUNDLE, **only}, {**UPDATE, **only})
    before = node.bundles.listed("DEMO", "made")
    ended = run(node, "ship")
    assert ended.outcome is Outcome.WARNING, ended.message
    assert node.bundles.listed("DEMO", "made") == before
    assert updates.history(node, ID) == []


@pytest.mark.requirement("A92", "D100")
def test_an_update_that_fails_makes_step_and_run_failed_and_tells_why(node: Node) -> None:
    a_scenario(node, "ship", BUNDLE, UPDATE)
    ended = run(node, "ship")
    step = steps(node, ended)["ship"]
    assert (ended.outcome, step.outcome) == (Outcome.FAILED, Outcome.FAILED)
    assert "does not answer" in step.message
    assert step.output["package"] == "v"  # type: ignore[index]


def test_a_deployment_that_is_not_there_is_told_with_the_nearest(node: Node) -> None:
    a_scenario(node, "ship", {**UPDATE, "deployment": "DEMO-on-prd", "bundle": "first"})
    ended = run(node, "ship")
    assert ended.outcome is Outcome.FAILED
    assert "DEMO-on-prod" in steps(node, ended)["ship"].message


def test_a_run_whose_user_may_not_deploy_changes_nothing(node: Node) -> None:
    from penstock.runtime import users

    users.add(node, "bob")
    a_scenario(node, "ship", {**UPDATE, "bundle": "first"}, author="bob")
    ended = run(node, "ship")
    assert ended.outcome is Outcome.FAILED
    assert "may not deploy" in steps(node, ended)["ship"].message
    assert updates.history(node, ID) == []
