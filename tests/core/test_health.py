"""The table of health, row by row."""

from __future__ import annotations

import pytest

from penstock.core import health
from penstock.core.health import Health, NodeSeen, Observed, ProjectSeen, ScenarioSeen
from penstock.core.outcome import Outcome, Verdict

MAPPING = {"mode": "SINGLE_GENERATION", "generation": "v1"}


def of(**facts: object) -> Health:
    return health.word(health.of_project(Observed(**{"deployed": True, **facts})))  # type: ignore[arg-type]


def scenario(*, active: bool = True, last: Outcome | None = None, running: bool = False) -> ProjectSeen:
    return ProjectSeen(scenarios=(ScenarioSeen(name="Retrain", active=active, last=last, running=running),))


TABLE = [
    ("never deployed", {"deployed": False}, Health.UNKNOWN),
    ("the node is silent", {"unreachable": "no answer"}, Health.ERROR),
    ("silence hides what would differ", {"unreachable": "no answer", "differs": ("bundle",)}, Health.ERROR),
    ("another bundle is active", {"differs": ("bundle v1 is active",)}, Health.OUT_OF_SYNC),
    ("the last update failed", {"failed": "no connection"}, Health.ERROR),
    ("the first update failed", {"deployed": False, "failed": "no connection"}, Health.ERROR),
    ("a run failed", {"seen": scenario(last=Outcome.FAILED)}, Health.UNHEALTHY),
    ("a run was aborted", {"seen": scenario(last=Outcome.ABORTED)}, Health.UNHEALTHY),
    ("a run warned", {"seen": scenario(last=Outcome.WARNING)}, Health.WARNING),
    ("a scenario that is off failed", {"seen": scenario(active=False, last=Outcome.FAILED)}, Health.WARNING),
    ("activated with warnings", {"seen": ProjectSeen(warnings=("no active version",))}, Health.WARNING),
    ("switched off on purpose", {"enabled": False, "seen": scenario(active=False)}, Health.HEALTHY),
    ("a run well", {"seen": scenario(last=Outcome.SUCCESS)}, Health.HEALTHY),
    ("all is well", {"seen": ProjectSeen()}, Health.HEALTHY),
]


@pytest.mark.requirement("D31", "D32")
@pytest.mark.parametrize(("facts", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_health_follows_the_table(facts: dict[str, object], expected: Health) -> None:
    assert of(**facts) is expected


@pytest.mark.requirement("D32")
@pytest.mark.parametrize("last", [Outcome.SUCCESS, Outcome.WARNING, Outcome.FAILED, None])
def test_a_run_in_progress_changes_nothing(last: Outcome | None) -> None:
    assert of(seen=scenario(last=last, running=True)) is of(seen=scenario(last=last))


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (NodeSeen(url="a", mapping=MAPPING), Health.HEALTHY),
        (NodeSeen(url="a", unreachable="refused"), Health.ERROR),
        (NodeSeen(url="a", mapping=MAPPING, broken={"predict": "boom"}), Health.ERROR),
        (NodeSeen(url="a", mapping={"generation": "v0"}, generations=("v0",)), Health.OUT_OF_SYNC),
        (NodeSeen(url="a", mapping=MAPPING, enabled=False), Health.OUT_OF_SYNC),
    ],
)
def test_the_health_of_a_service_is_that_of_its_worst_node(node: NodeSeen, expected: Health) -> None:
    good = NodeSeen(url="b", mapping=MAPPING)
    assert health.word(health.of_service([good, node], MAPPING)) is expected


@pytest.mark.requirement("D67")
def test_a_node_that_is_down_is_named() -> None:
    nodes = [NodeSeen(url="http://a", mapping=MAPPING), NodeSeen(url="http://b", unreachable="refused")]
    assert any("http://b" in reason.text for reason in health.of_service(nodes, MAPPING))


def test_shares_and_shadows_that_a_node_answers_with_are_told_apart() -> None:
    shadowed = NodeSeen(url="a", generations=("v",), mapping={"generation": "v", "shadow": ["v1"]})
    entries = [{"generation": "v", "proba": 0.5}, {"generation": "v1", "proba": 0.5}]
    shared = NodeSeen(url="b", generations=("v", "v1"), mapping={"entries": entries})
    found = [reason.text for reason in health.of_service([shadowed, shared], MAPPING)]
    assert found == [
        "Node a answers with version v, shadow v1.",
        "Node b answers with version v (50 %) + v1 (50 %).",
    ]


def test_a_service_that_is_off_is_disabled_and_one_never_deployed_unknown() -> None:
    off = health.of_service([NodeSeen(url="a", enabled=False)], MAPPING, enabled=False)
    assert health.word(off) is Health.DISABLED
    assert health.word(health.of_service([], MAPPING, deployed=False)) is Health.UNKNOWN


@pytest.mark.requirement("D39", "M90")
@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"deployment": Health.HEALTHY}, Health.HEALTHY),
        ({"deployment": Health.HEALTHY, "model": Health.ERROR}, Health.ERROR),
        ({"deployment": Health.OUT_OF_SYNC, "data": Health.WARNING}, Health.OUT_OF_SYNC),
        ({"deployment": Health.UNKNOWN, "execution": Health.WARNING}, Health.WARNING),
        ({"deployment": Health.UNKNOWN}, Health.UNKNOWN),
    ],
)
def test_the_worst_status_wins(facts: dict[str, Health], expected: Health) -> None:
    assert health.Monitored(**facts).overall is expected


@pytest.mark.requirement("D40")
def test_the_status_of_models_is_their_worst_latest_check() -> None:
    seen = ProjectSeen(models={"a": Verdict.OK, "b": Verdict.ERROR}, rules={"flights": Verdict.WARNING})
    found = health.monitored(Health.HEALTHY, seen)
    assert (found.model, found.data, found.execution) == (Health.ERROR, Health.WARNING, Health.UNKNOWN)


def test_what_is_not_healthy_says_why() -> None:
    seen = ProjectSeen(
        models={"old": Verdict.OK, "new": Verdict.WARNING}, rules={"orders": Verdict.OK},
        scenarios=(ScenarioSeen(name="Retrain", active=True, last=Outcome.FAILED),),
    )  # fmt: skip
    told = health.monitored(Health.HEALTHY, seen).why
    assert told == {
        "model": "Its latest checks say: new WARNING.",
        "execution": "The last runs ended: Retrain FAILED.",
    }
    away = health.monitored(Health.ERROR, None, "Its node is away.").why
    assert away == dict.fromkeys(("model", "execution", "data"), "Its node is away.")
