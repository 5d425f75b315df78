"""Why a status of a deployed project is unknown, as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from penstock.core.deployment import DesignNode, Published, PublishedPackage
from penstock.core.health import Health, Monitored, ProjectSeen
from penstock.core.node import Node
from penstock.core.outcome import Verdict
from penstock.core.project import Project
from penstock.deploy import deployments, infrastructures, monitoring, unjudged
from penstock.runtime import checks, evaluations
from penstock.testing import KEY, a_node, a_project

CHECK = {"type": "numeric_range", "name": "Drift", "metric": "drift:DATA_DRIFT", "maximum": 0.5}
RULE = {"type": "column_not_empty", "column": "n"}
MODEL: Mapping[str, Any] = {"models/m": "{}\n", "datasets/new": {"type": "managed"}}
JUDGED: Mapping[str, Any] = {
    **MODEL, "recipes/judge": {"type": "evaluate", "input": "new", "model": "m", "store": "mes"},
}  # fmt: skip
STORE = {"evaluations/mes": {"checks": [CHECK]}}
ON = "active: true\ntriggers: [{type: time, every: 1 week}]\n"
BUILDS = "steps: [{type: build, items: [mes]}]\n"


def project(folder: Path, objects: Mapping[str, Any], **scenarios: str) -> Project:
    node = a_node(folder)
    a_project(node, objects)
    if scenarios:
        texts = {f"scenarios/{name}.yaml": text for name, text in scenarios.items()}
        node.projects.save(KEY, texts, author="ann", message="Scenarios")
    return node.projects.load(KEY)


@pytest.mark.parametrize(
    ("objects", "scenario", "words"),
    [
        ({}, "", "It has no saved model."),
        (MODEL, "", "No Evaluate recipe judges m"),
        ({**JUDGED, "evaluations/mes": {}}, "", "No check stands in evaluation store mes"),
        ({**JUDGED, **STORE}, "", "No scenario does it: evaluate on the node by hand"),
        ({**JUDGED, **STORE}, BUILDS, "Scenario look would tell: run it on the node."),
    ],
)
def test_a_model_that_nothing_judged_says_what_is_missing(
    tmp_path: Path, objects: Mapping[str, Any], scenario: str, words: str
) -> None:
    made = project(tmp_path, objects, **({"look": scenario} if scenario else {}))
    assert words in unjudged.models(made)


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        ("", "It has no scenario."),
        (BUILDS, "none is on: switch one on in the settings of the deployment"),
        (f"active: true\n{BUILDS}", "nothing starts there by itself"),
        (
            f"active: true\ntriggers: [{{type: time, every: 1 week, active: false}}]\n{BUILDS}",
            "nothing starts there by itself",
        ),
        (ON + BUILDS, "Scenario look did not run on the node yet"),
    ],
)
def test_runs_that_do_not_count_say_why(tmp_path: Path, scenario: str, words: str) -> None:
    made = project(tmp_path, {**JUDGED, **STORE}, **({"look": scenario} if scenario else {}))
    assert words in unjudged.execution(made)


@pytest.mark.parametrize(
    ("rules", "words"), [([], "None of its datasets has rules"), ([RULE], "No rule of new has said anything")]
)
def test_data_without_a_verdict_says_why(tmp_path: Path, rules: list[Any], words: str) -> None:
    made = project(tmp_path, {"datasets/new": {"type": "managed", "rules": rules}})
    assert words in unjudged.data(made)


def test_scenarios_that_are_on_are_named_before_those_that_are_off(tmp_path: Path) -> None:
    made = project(tmp_path, {**JUDGED, **STORE}, monitor=ON + BUILDS, retrain=BUILDS)
    assert "Scenario monitor would tell" in unjudged.models(made)


def test_what_is_known_needs_no_reason(tmp_path: Path) -> None:
    made = project(tmp_path, {**JUDGED, **STORE}, look=BUILDS)
    seen = ProjectSeen(models={"m": Verdict.OK}, rules={"new": Verdict.ERROR})
    assert set(unjudged.reasons(made, seen)) == {"execution"}
    assert set(unjudged.reasons(made, ProjectSeen())) == {"model", "execution", "data"}


def answering(node: Node, source: DesignNode) -> Monitored:
    """What is said of a deployed service that answers with model m, which comes from somewhere."""
    package = PublishedPackage(
        id="v1",
        blob="0",
        published_at=node.clock.now(),
        source=source,
        facts={"models": {"predict": {"model": "m"}}},
    )
    node.deployer.save("service", "pay", Published(packages=(package,)), author="ann", message="Publish")
    place = {"type": "static_api_nodes", "nodes": [{"url": "http://127.0.0.1:9", "key": "secret:api"}]}
    infrastructures.define(node, "api", place, by="ann")
    if "pay-on-api" not in node.deployer.names("service_deployment"):
        deployments.create_service(node, "pay", "v1", "api", by="ann")
    return monitoring.look(node, "pay-on-api").monitored


@pytest.mark.requirement("D40")
def test_the_models_of_a_service_are_judged_in_the_project_they_come_from(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {**JUDGED, **STORE})
    here = DesignNode(project=KEY, node=node.config.node_name)
    found = answering(node, here)
    assert (found.model, found.execution, found.data) == (Health.UNKNOWN,) * 3
    assert f"mes has said anything in project {KEY} yet" in found.why["model"]
    for drift, word, why in (
        (0.9, Health.ERROR, {"model": "Its latest checks say: m ERROR."}),
        (0.1, Health.HEALTHY, {}),
    ):
        evaluations.push(node, KEY, "mes", {"drift:DATA_DRIFT": drift})
        checks.run(node, KEY, "mes")
        found = answering(node, here)
        assert (found.model, found.why) == (word, why)


def test_models_that_were_designed_elsewhere_are_said_to_be(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {**JUDGED, **STORE})
    found = answering(node, DesignNode(project=KEY, node="far", url="http://far:7878"))
    assert found.why == {"model": "Its models are judged where they are designed: http://far:7878."}
    gone = answering(node, DesignNode(project="GONE", node=node.config.node_name))
    assert "judged where they are designed" in gone.why["model"]


def test_a_project_that_cannot_be_read_makes_its_models_unknown_and_no_more(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node, {**JUDGED, **STORE})
    (node.projects.path(KEY) / "flow" / "datasets" / "new.yaml").write_text("type: no such thing\n")
    found = answering(node, DesignNode(project=KEY, node=node.config.node_name))
    assert found.model is Health.UNKNOWN
    assert found.why["model"]
