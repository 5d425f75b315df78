"""Why a status of a deployed project is unknown, as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from penstock.core.health import ProjectSeen
from penstock.core.outcome import Verdict
from penstock.core.project import Project
from penstock.deploy import unjudged
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
