"""What a deployer sees of nodes: two real places of one project, and runs, checks and rules where it runs."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.core.health import Health
from penstock.core.outcome import Outcome
from penstock.core.scenario import RunState, ScenarioRun
from penstock.deploy import deployments, monitoring, updates
from penstock.kinds.connections.sqlite import Sqlite
from penstock.runtime import checks, evaluations, scenarios
from penstock.testing import fill
from tests.runtime.test_status import DRIFT, FEW

from ..nodes import RunningNode
from .conftest import Pair
from .places import infrastructure, publish
from .test_bundles import a_version

SUM = "{type: define_variables, name: Sum, formulas: {total: 'wanted + 1'}"
SCENARIOS = {
    "scenarios/strict.yaml": f"steps:\n  - {SUM}}}\n",
    "scenarios/lenient.yaml": f"steps:\n  - {SUM}, proceed_on_failure: true}}\n",
}
"""Both need a variable: without it one fails and one warns."""


def placed(
    pair: Pair, name: str, running: RunningNode, bundle: str, settings: dict[str, Any], target: str = ""
) -> str:
    """Deploy a bundle to a node with settings; the deployment."""
    place = f"{name}-{pair.key.lower()}"
    infrastructure(pair.here, place, url=running.url, secret=running.key)
    deployments.create(pair.here, pair.key, bundle, place, key=target or pair.key, by="ann")
    id = f"{pair.key}-on-{place}"
    made = deployments.show(pair.here, id).definition.to_mapping()
    deployments.save(pair.here, id, {**made, "settings": settings}, by="ann")
    updates.run(pair.here, id, by="ann", ignore_warnings=True)
    return id


@pytest.mark.requirement("D22", "D33")
def test_one_project_runs_in_two_places_with_bundle_connection_and_variables_of_its_own(pair: Pair) -> None:
    own = f"db_{pair.key}"
    pair.here.connections.save(own, Sqlite(path=str(pair.folder / "own.db")))
    pair.project({"datasets/table": {"type": "sql_table", "connection": own, "table": "t"}})
    publish(pair.here, "v1", project=pair.key)
    pair.save({"lib/tools.py": "A = 1\n"})
    publish(pair.here, "v2", project=pair.key)
    places = {
        "dev": (pair.design, "v2", f"{pair.key}_DEV"),
        "prod": (pair.automation, "v1", pair.key),
    }
    for name, (running, bundle, target) in places.items():
        database = f"{name}_{pair.key}"
        running.node.connections.save(database, Sqlite(path=str(pair.folder / f"{name}.db")))
        settings = {"connections": {own: database}, "local_variables": {"env": name}}
        id = placed(pair, name, running, bundle, settings, target)
        assert monitoring.look(pair.here, id).health is Health.HEALTHY
    for name, (running, bundle, target) in places.items():
        project = running.node.projects.load(target)
        assert project.datasets["table"].database() == f"{name}_{pair.key}"
        assert dict(project.local_variables) == {"env": name}
        assert running.home.incoming.active(target).bundle == bundle
    assert pair.here.projects.load(pair.key).datasets["table"].database() == own


def run(pair: Pair, scenario: str) -> Outcome | None:
    return scenarios.run_and_wait(pair.there, pair.key, scenario, fail_on="").outcome


@pytest.fixture
def watched(pair: Pair) -> str:
    """A project with scenarios, a model that is evaluated, and a rule, deployed where all of it runs."""
    pair.project(
        {
            "datasets/new": {"type": "managed", "rules": [FEW]},
            "models/m": "{}\n", "evaluations/mes": {"checks": [DRIFT]}, "evaluations/alone": {"checks": [DRIFT]},
            "recipes/judge": {"type": "evaluate", "input": "new", "model": "m", "store": "mes"},
        }
    )  # fmt: skip
    pair.save(SCENARIOS)
    a_version(pair.here, pair.key, "a1", folder=pair.folder)
    publish(pair.here, "v1", project=pair.key, content={"models": ["m"]})
    return placed(pair, "prod", pair.automation, "v1", {"scenarios": {"strict": True, "lenient": True}})


@pytest.mark.requirement("D32")
def test_the_last_runs_of_scenarios_that_are_on_decide(pair: Pair, watched: str) -> None:
    def health() -> Health:
        return monitoring.look(pair.here, watched).health

    assert health() is Health.HEALTHY
    assert run(pair, "lenient") is Outcome.WARNING
    assert health() is Health.WARNING
    assert run(pair, "strict") is Outcome.FAILED
    assert health() is Health.UNHEALTHY
    pair.there.projects.set_variables(pair.key, {"wanted": 1}, author="op", local=True)
    for name in ("strict", "lenient"):
        assert run(pair, name) is Outcome.SUCCESS
    assert health() is Health.HEALTHY
    definition = pair.there.projects.load(pair.key).scenarios["strict"].to_mapping()
    now = pair.there.clock.now()
    pair.there.scenario_runs.ask(
        ScenarioRun(id=f"r-{pair.key}", project=pair.key, scenario="strict", definition=definition,
                    state=RunState.RUNNING, asked_at=now, started_at=now, asked_by="op", run_as="op")
    )  # fmt: skip
    assert health() is Health.HEALTHY


@pytest.mark.requirement("D39", "D40", "M90")
def test_the_worst_of_models_data_and_runs_there_counts_until_it_is_mended(pair: Pair, watched: str) -> None:
    def judged(drift: float) -> Health:
        for store in ("mes", "alone"):
            worse = 0.9 if store == "alone" else drift
            evaluations.push(pair.there, pair.key, store, {"drift:DATA_DRIFT": worse})
            checks.run(pair.there, pair.key, store)
        return monitoring.look(pair.here, watched).monitored.model

    unknown = monitoring.look(pair.here, watched).monitored
    assert set(unknown.why) == {"model", "execution", "data"}
    assert "store mes has said anything on the node yet" in unknown.why["model"]
    assert judged(0.9) is Health.ERROR
    assert monitoring.look(pair.here, watched).monitored.why["model"] == "Its latest checks say: m ERROR."
    place = f"prod-{pair.key.lower()}"
    screen = monitoring.screen(pair.here, infrastructure=place)
    assert dict(screen.counts) == {Health.ERROR: 1}
    for word in Health:
        shown = monitoring.screen(pair.here, infrastructure=place, health=word).lines
        assert len(shown) == screen.counts.get(word, 0)
    assert judged(0.1) is Health.HEALTHY, (
        "a store that no model feeds says nothing, and the latest result counts"
    )
    fill(pair.there, "new", key=pair.key, n=[1, 2])
    checks.run(pair.there, pair.key, "new")
    assert run(pair, "lenient") is Outcome.WARNING
    found = monitoring.look(pair.here, watched).monitored
    assert (found.model, found.data, found.execution) == (Health.HEALTHY, Health.ERROR, Health.WARNING)
    assert found.overall is Health.ERROR
