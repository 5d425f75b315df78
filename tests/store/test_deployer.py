"""Definitions of the deployer in git; updates and what was seen in the state."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from penstock.core import registry
from penstock.core.deployment import Deployment
from penstock.core.errors import Conflict, InvalidDefinition, InvalidName, NotFound
from penstock.core.node import Node
from penstock.core.update import Update, UpdateState
from penstock.testing import a_node


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return a_node(tmp_path)


def a_deployment(bundle: str = "v1") -> Deployment:
    return Deployment(infrastructure="prod", published="FRAUD", bundle=bundle, target="FRAUD")


def an_update(node: Node, id: str = "u1", deployment: str = "FRAUD-on-prod") -> Update:
    return Update(id=id, deployment=deployment, started_at=node.clock.now(), definition={"bundle": "v1"})


def test_every_save_is_a_commit_by_its_author(node: Node) -> None:
    node.deployer.save("deployment", "FRAUD-on-prod", a_deployment(), author="ann", message="Make it")
    node.deployer.save("deployment", "FRAUD-on-prod", a_deployment("v2"), author="bob", message="Take v2")
    assert node.deployer.get("deployment", "FRAUD-on-prod").bundle == "v2"
    told = [(r.message, r.author.split()[0]) for r in node.deployer.history("deployment", "FRAUD-on-prod")]
    assert told == [("Take v2", "bob"), ("Make it", "ann")]


def test_comments_in_a_definition_stay(node: Node) -> None:
    made = registry.parse("infrastructures", {"type": "local_process"})
    node.deployer.save("infrastructure", "dev", made, author="ann", message="Make it")
    file = node.config.home / "deployer" / "infrastructures" / "dev.yaml"
    file.write_text("# ours\n" + file.read_text())
    node.deployer.save("infrastructure", "dev", made.changed(port=8000), author="ann", message="Move it")
    assert file.read_text().startswith("# ours\n")


def test_what_is_deleted_is_gone_and_a_wrong_name_is_told_its_nearest(node: Node) -> None:
    node.deployer.save("deployment", "a", a_deployment(), author="ann", message="Make it")
    node.deployer.save("deployment", "ab", a_deployment(), author="ann", message="Make it")
    node.deployer.save("deployment", "a", None, author="ann", message="Delete it")
    assert node.deployer.names("deployment") == ["ab"]
    with pytest.raises(NotFound, match="ab"):
        node.deployer.get("deployment", "aa")


@pytest.mark.parametrize("name", ["../state", "a/b", "", ".hidden"])
def test_no_name_leads_out_of_its_folder(node: Node, name: str) -> None:
    with pytest.raises(InvalidName):
        node.deployer.save("deployment", name, a_deployment(), author="ann", message="Make it")


def test_a_broken_file_is_told_with_its_line(node: Node) -> None:
    folder = node.config.home / "deployer" / "deployments"
    folder.mkdir(parents=True)
    (folder / "bad.yaml").write_text("infrastructure: prod\nbundel: v1\n")
    with pytest.raises(InvalidDefinition, match="bundel"):
        node.deployer.get("deployment", "bad")


def test_one_update_of_a_deployment_runs_at_a_time(node: Node) -> None:
    node.deployer.begin(an_update(node))
    with pytest.raises(Conflict, match="being updated"):
        node.deployer.begin(an_update(node, "u2"))
    node.deployer.begin(an_update(node, "u3", "OTHER-on-prod"))
    node.deployer.save_update(replace(an_update(node), state=UpdateState.FAILED, error="no"))
    node.deployer.begin(an_update(node, "u2"))
    assert [u.id for u in node.deployer.updates("FRAUD-on-prod")] == ["u2", "u1"]
    assert {u.id for u in node.deployer.unfinished()} == {"u2", "u3"}


def test_an_update_keeps_everything_it_said(node: Node) -> None:
    made = replace(an_update(node), requested_by="ann", package="v1", phase="activate")
    node.deployer.begin(made)
    assert node.deployer.update("u1") == made


def test_only_a_running_update_can_be_asked_to_stop(node: Node) -> None:
    node.deployer.begin(an_update(node))
    assert node.deployer.request_abort("u1")
    assert node.deployer.abort_requested("u1")
    node.deployer.save_update(replace(an_update(node), state=UpdateState.ABORTED))
    assert not node.deployer.request_abort("u1")


def test_what_was_seen_is_replaced_and_forgotten(node: Node) -> None:
    for health in ("HEALTHY", "ERROR"):
        node.deployer.remember("a", {"health": health}, node.clock.now())
    assert node.deployer.seen()["a"][0] == {"health": "ERROR"}
    node.deployer.forget("a")
    assert node.deployer.seen() == {}
