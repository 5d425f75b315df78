from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core.outcome import Verdict
from penstock.runtime import checks, evaluations, status

from .measured import KEY, World

FEW = {"type": "record_count_in_range", "name": "few", "id": "few", "maximum": 1}
ANY = {"type": "record_count_in_range", "name": "any", "minimum": 1}
DRIFT = {"type": "numeric_range", "name": "drift", "metric": "drift:DATA_DRIFT", "maximum": 0.4}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.mark.requirement("A55")
def test_the_status_of_a_dataset_is_its_worst_enabled_rule(world: World) -> None:
    world.dataset("t", {"x": [1, 2]}, rules=[ANY, FEW])
    assert status.of_item(world.node, KEY, "t").verdict is None
    checks.run(world.node, KEY, "t")
    found = status.of_item(world.node, KEY, "t")
    assert found.verdict is Verdict.ERROR
    assert [r.check_name for r in found.unhealthy] == ["few"]


@pytest.mark.requirement("A55")
def test_disabling_the_failing_rule_turns_the_dataset_ok(world: World) -> None:
    world.dataset("t", {"x": [1, 2]}, rules=[ANY, FEW])
    checks.run(world.node, KEY, "t")
    world.dataset("t", {"x": [1, 2]}, rules=[ANY, {**FEW, "enabled": False}])
    assert status.of_item(world.node, KEY, "t").verdict is Verdict.OK


@pytest.mark.requirement("A55")
def test_the_status_of_a_project_covers_only_monitored_datasets(world: World) -> None:
    world.dataset("plain", {"x": [1]})
    world.dataset("good", {"x": [1, 2]}, rules=[ANY])
    world.dataset("bad", {"x": [1, 2]}, rules=[FEW], monitored=False)
    for name in ("good", "bad"):
        checks.run(world.node, KEY, name)
    assert status.monitored(world.project) == ["good"]
    assert status.of_data(world.node, KEY).verdict is Verdict.OK
    world.dataset("bad", {"x": [1, 2]}, rules=[FEW])
    assert status.of_data(world.node, KEY).verdict is Verdict.ERROR


@pytest.mark.requirement("M90")
def test_the_model_status_is_the_worst_latest_check_of_the_stores_its_models_feed(world: World) -> None:
    world.model("authorized")
    world.dataset("new", {"x": [1]})
    for name in ("mes", "other", "alone"):
        world.store(name, checks=[DRIFT])
        evaluations.push(world.node, KEY, name, {"drift:DATA_DRIFT": 0.1 if name == "mes" else 0.9})
    world.recipe("evaluate", {"type": "evaluate", "input": "new", "model": "authorized", "store": "mes"})
    assert status.of_models(world.node, KEY).verdict is None, "a store that was never checked says nothing"
    for name in ("mes", "alone"):
        checks.run(world.node, KEY, name)
    assert status.of_models(world.node, KEY).verdict is Verdict.OK, "a store without a model says nothing"
    world.recipe("evaluate_2", {"type": "evaluate", "input": "new", "model": "authorized", "store": "other"})
    checks.run(world.node, KEY, "other")
    assert status.of_models(world.node, KEY).verdict is Verdict.ERROR
    assert status.of_models(world.node, KEY, "authorized").verdict is Verdict.ERROR
    evaluations.push(world.node, KEY, "other", {"drift:DATA_DRIFT": 0.2})
    checks.run(world.node, KEY, "other")
    assert status.of_models(world.node, KEY).verdict is Verdict.OK, "the latest result of each check counts"
