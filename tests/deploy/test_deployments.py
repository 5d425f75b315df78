"""Deployments before anything is deployed: who may, what is copied, what differs, what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from penstock.core.deployment import Deployment
from penstock.core.errors import Conflict, Invalid, InvalidDefinition, NotAllowed, NotFound, Refused
from penstock.core.health import Health, ProjectSeen, ScenarioSeen
from penstock.core.node import Node
from penstock.core.update import Update, UpdateState
from penstock.deploy import bundles, deployments, infrastructures, monitoring, publishing
from penstock.runtime import users

from .places import design, infrastructure, publish


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = design(tmp_path)
    publish(made)
    infrastructure(made, stage="Production", connections={"sql_dev": "sql_prod"})
    return made


@pytest.mark.requirement("D11")
def test_a_published_bundle_says_who_published_it_when_and_from_where(node: Node) -> None:
    (package,) = publishing.show(node, "project", "FRAUD").packages
    assert (package.id, package.published_by, package.source.project, package.source.node) == (
        "v1", "ann", "FRAUD", "design",
    )  # fmt: skip
    assert bundles.made(node, "FRAUD")[0].created_at <= package.published_at <= node.clock.now()


def test_what_is_published_never_changes(node: Node) -> None:
    with pytest.raises(Conflict, match="v1 already"):
        publishing.bundle(node, "FRAUD", "v1", by="ann")


def test_an_archive_that_is_neither_bundle_nor_service_is_refused_and_leaves_nothing(
    node: Node, tmp_path: Path
) -> None:
    junk = tmp_path / "junk.zip"
    junk.write_bytes(b"not a zip")
    before = publishing.listing(node)
    with pytest.raises(Exception, match="zip"):
        publishing.receive(node, [junk], by="ann")
    assert publishing.listing(node) == before


@pytest.mark.requirement("D22")
def test_a_new_deployment_takes_the_connections_of_its_infrastructure_and_keeps_them(node: Node) -> None:
    made = deployments.create(node, "FRAUD", "v1", "prod", by="ann")
    assert (made.target, made.settings.connections) == ("FRAUD", {"sql_dev": "sql_prod"})
    infrastructure(node, stage="Production", connections={"sql_dev": "another"})
    assert deployments.show(node, "FRAUD-on-prod").definition == made


@pytest.mark.requirement("D29")
def test_another_bundle_keeps_id_and_settings_and_the_deployment_is_offered_for_it(node: Node) -> None:
    deployments.create(node, "FRAUD", "v1", "prod", by="ann")
    publish(node, "v2")
    assert [c.id for c in deployments.candidates(node, "FRAUD")] == ["FRAUD-on-prod"]
    before = deployments.show(node, "FRAUD-on-prod").definition
    after = deployments.choose(node, "FRAUD-on-prod", "v2", by="ann")
    assert after == before.changed(bundle="v2")


@pytest.mark.requirement("D33")
def test_one_project_is_deployed_on_two_infrastructures_with_settings_of_their_own(node: Node) -> None:
    publish(node, "v2")
    infrastructure(node, "dev")
    deployments.create(node, "FRAUD", "v1", "prod", by="ann")
    deployments.create(node, "FRAUD", "v2", "dev", by="ann")
    save(node, "FRAUD-on-dev", {"settings": {"local_variables": {"env": "dev"}}})
    listed = {d.id: (d.package, d.stage) for d in deployments.listing(node)}
    assert listed == {"FRAUD-on-dev": ("v2", "Development"), "FRAUD-on-prod": ("v1", "Production")}
    assert deployments.show(node, "FRAUD-on-prod").definition.to_mapping()["settings"] == {
        "connections": {"sql_dev": "sql_prod"}
    }


def test_two_deployments_never_write_the_same_project_of_a_node(node: Node) -> None:
    deployments.create(node, "FRAUD", "v1", "prod", by="ann")
    with pytest.raises(Conflict, match="FRAUD-on-prod"):
        deployments.create(node, "FRAUD", "v1", "prod", id="second", by="ann")
    deployments.create(node, "FRAUD", "v1", "prod", id="second", key="FRAUD_2", by="ann")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"bundle": "v9"}, NotFound),
        ({"infrastructure": "dev"}, Invalid),
        ({"target": "OTHER"}, Invalid),
        ({"bundel": "v1"}, InvalidDefinition),
    ],
)
def test_a_change_that_makes_no_sense_is_refused_and_nothing_changes(
    node: Node, change: dict[str, Any], error: type[Exception]
) -> None:
    made = deployments.create(node, "FRAUD", "v1", "prod", by="ann")
    with pytest.raises(error):
        deployments.save(node, "FRAUD-on-prod", {**made.to_mapping(), **change}, by="ann")
    assert deployments.show(node, "FRAUD-on-prod").definition == made


@pytest.mark.requirement("D35")
@pytest.mark.parametrize("lacking", ["infrastructure", "project"])
def test_who_may_deploy_only_on_one_of_both_is_refused_and_nothing_changes(node: Node, lacking: str) -> None:
    users.add(node, "bob")
    grant = {"people": [{"holder": "bob", "rights": ["deploy"]}]}
    if lacking == "infrastructure":
        publishing.change(node, "project", "FRAUD", {"owner": "ann", **grant}, by="ann")
    else:
        infrastructure(node, **grant)
    with pytest.raises(NotAllowed, match=lacking) as refused:
        deployments.create(node, "FRAUD", "v1", "prod", by="bob")
    assert refused.value.http_status == 403
    assert node.deployer.names("deployment") == []


@pytest.mark.requirement("D35")
def test_who_may_deploy_on_both_needs_no_other_right(node: Node) -> None:
    users.add(node, "bob")
    grant = {"people": [{"holder": "bob", "rights": ["deploy"]}]}
    publishing.change(node, "project", "FRAUD", {"owner": "ann", **grant}, by="ann")
    infrastructure(node, **grant)
    assert deployments.create(node, "FRAUD", "v1", "prod", by="bob").bundle == "v1"


@pytest.mark.requirement("D38")
def test_an_infrastructure_with_deployments_is_not_deleted(node: Node) -> None:
    deployments.create(node, "FRAUD", "v1", "prod", by="ann")
    with pytest.raises(Refused, match="FRAUD-on-prod"):
        infrastructures.delete(node, "prod", by="ann")
    deployments.delete(node, "FRAUD-on-prod", by="ann")
    infrastructures.delete(node, "prod", by="ann")
    assert infrastructures.listing(node) == []


def test_what_is_deployed_is_not_unpublished(node: Node) -> None:
    deployments.create(node, "FRAUD", "v1", "prod", by="ann")
    with pytest.raises(Refused, match="FRAUD-on-prod"):
        publishing.delete_package(node, "project", "FRAUD", "v1", by="ann")
    deployments.delete(node, "FRAUD-on-prod", by="ann")
    archive = publishing.archive_of(node, "project", "FRAUD", "v1")
    publishing.delete(node, "project", "FRAUD", by="ann")
    assert not archive.exists()


@pytest.mark.requirement("D13")
def test_deleting_the_bundle_where_it_was_made_leaves_the_published_one(node: Node) -> None:
    bundles.delete(node, "FRAUD", "v1", by="ann")
    assert publishing.archive_of(node, "project", "FRAUD", "v1").stat().st_size > 0


def test_one_that_was_deployed_is_switched_off_before_it_is_deleted(node: Node) -> None:
    made = deployments.create(node, "FRAUD", "v1", "prod", by="ann")
    done(node, made)
    with pytest.raises(Refused, match="Disable it"):
        deployments.delete(node, "FRAUD-on-prod", by="ann")
    deployments.delete(node, "FRAUD-on-prod", ignore=True, by="ann")
    assert deployments.listing(node) == []


def test_hooks_of_an_infrastructure_are_shown_to_its_administrators_only(node: Node) -> None:
    users.add(node, "bob")
    hook = {"name": "check", "code": "def execute(**kwargs): pass"}
    infrastructure(node, hooks=[hook], people=[{"holder": "bob", "rights": ["deploy"]}])
    from penstock.runtime import caller

    with caller.calling():
        caller.turned_out(users.identity(node, "bob"))
        assert infrastructures.show(node, "prod").hooks == ()
    assert len(infrastructures.show(node, "prod").hooks) == 1


@pytest.mark.requirement("D31")
def test_one_never_deployed_is_unknown_without_asking_any_node(node: Node) -> None:
    deployments.create(node, "FRAUD", "v1", "prod", by="ann")
    found = monitoring.look(node, "FRAUD-on-prod")
    assert (found.health, found.never_deployed) == (Health.UNKNOWN, True)


@pytest.mark.requirement("D31")
def test_a_node_that_does_not_answer_is_an_error(node: Node) -> None:
    done(node, deployments.create(node, "FRAUD", "v1", "prod", by="ann"))
    found = monitoring.look(node, "FRAUD-on-prod")
    assert found.health is Health.ERROR
    assert "does not answer" in found.reasons[0].text


def test_what_was_seen_is_kept_over_time(node: Node) -> None:
    made = deployments.create(node, "FRAUD", "v1", "prod", by="ann")
    monitoring.look(node, "FRAUD-on-prod")
    done(node, made)
    monitoring.look(node, "FRAUD-on-prod")
    found = monitoring.course(node, "FRAUD-on-prod")
    assert [moment.health for moment in found] == [Health.UNKNOWN, Health.ERROR]
    assert found[0].at < found[1].at


def test_a_server_looks_by_itself_until_it_is_stopped(node: Node) -> None:
    deployments.create(node, "FRAUD", "v1", "prod", by="ann")
    often = replace(node, config=node.config.changed(monitoring_every=0.05))
    stop = Event()
    looking = Thread(target=monitoring.watch, args=(often, stop))
    looking.start()
    while not node.deployer.seen("FRAUD-on-prod"):
        assert looking.is_alive()
        stop.wait(0.02)
    stop.set()
    looking.join(20)
    assert not looking.is_alive()


def test_a_server_that_is_told_not_to_looks_never(node: Node) -> None:
    deployments.create(node, "FRAUD", "v1", "prod", by="ann")
    monitoring.watch(replace(node, config=node.config.changed(monitoring_every=0)), Event())
    assert not node.deployer.seen("FRAUD-on-prod")


@pytest.mark.requirement("D39")
def test_counts_of_the_screen_are_the_lines_that_their_filter_shows(node: Node) -> None:
    infrastructure(node, "dev")
    done(node, deployments.create(node, "FRAUD", "v1", "prod", by="ann"))
    deployments.create(node, "FRAUD", "v1", "dev", by="ann")
    screen = monitoring.refresh(node)
    assert dict(screen.counts) == {Health.ERROR: 1, Health.UNKNOWN: 1}
    for word, count in screen.counts.items():
        assert len(monitoring.screen(node, health=word).lines) == count


SEEN = ProjectSeen(bundle="v1", settings={"connections": {"a": "b"}}, local_variables={"env": "prod"})
MADE = Deployment.model_validate(
    {
        "infrastructure": "prod", "published": "FRAUD", "bundle": "v1", "target": "FRAUD",
        "settings": {"connections": {"a": "b"}, "local_variables": {"env": "prod"}, "scenarios": {"s": True}},
    }
)  # fmt: skip


@pytest.mark.requirement("D30")
@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"bundle": "v0"}, "Bundle v0"),
        ({"settings": {"connections": {}}}, "connections"),
        ({"local_variables": {}}, "local variables"),
        ({"scenarios": (ScenarioSeen(name="s", active=False),)}, "scenario s are off"),
    ],
)
def test_what_differs_on_the_node_is_said(node: Node, change: dict[str, Any], word: str) -> None:
    from dataclasses import replace

    place = node.deployer.get("infrastructure", "prod")
    same = ProjectSeen(**{name: getattr(SEEN, name) for name in ("bundle", "settings", "local_variables")})
    assert monitoring.differences(MADE, place, None, same) == []
    (said,) = monitoring.differences(MADE, place, None, replace(SEEN, **change))
    assert word in said


def save(node: Node, id: str, change: dict[str, Any]) -> None:
    before = deployments.show(node, id).definition.to_mapping()
    deployments.save(node, id, {**before, **change}, by="ann")


def done(node: Node, made: Deployment, id: str = "FRAUD-on-prod") -> None:
    """As if it had been deployed."""
    node.deployer.begin(
        Update(
            id=node.clock.new_id(),
            deployment=id,
            package=made.bundle,
            state=UpdateState.SUCCESS,
            started_at=node.clock.now(),
            definition=made.to_mapping(),
        )
    )
