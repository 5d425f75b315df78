"""Health of deployments, as pure rules: what was observed on a node → one word and why. The worst one wins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from penstock.core import generations
from penstock.core.errors import PenstockError
from penstock.core.outcome import Outcome, Verdict


class Health(StrEnum):
    """How a deployment is, best first but for UNKNOWN and DISABLED, which are no judgement."""

    DISABLED = "DISABLED"
    UNKNOWN = "UNKNOWN"
    HEALTHY = "HEALTHY"
    WARNING = "WARNING"
    OUT_OF_SYNC = "OUT_OF_SYNC"
    UNHEALTHY = "UNHEALTHY"
    ERROR = "ERROR"

    @property
    def severity(self) -> int:
        """The higher, the worse."""
        return list(Health).index(self)

    @classmethod
    def worst(cls, found: Iterable[Health]) -> Health:
        """The worst of some; UNKNOWN of none, and never better than what is known."""
        return max(found, key=lambda health: health.severity, default=cls.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a deployment is not simply healthy."""

    health: Health
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioSeen:
    """A scenario of a deployed project as its node tells of it."""

    name: str
    active: bool
    """Whether its triggers are on."""
    last: Outcome | None = None
    """How its last ended run ended."""
    ended_at: datetime | None = None
    running: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSeen:
    """A deployed project as its node tells of it."""

    bundle: str = ""
    """The active one; empty when the project is there without one."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Those the bundle was activated with."""
    local_variables: Mapping[str, Any] = field(default_factory=dict)
    scenarios: Sequence[ScenarioSeen] = ()
    warnings: Sequence[str] = ()
    """Of the last activation."""
    models: Mapping[str, Verdict] = field(default_factory=dict)
    """Saved model → the worst latest check of every store that its evaluations go to."""
    rules: Mapping[str, Verdict] = field(default_factory=dict)
    """Dataset → the worst of the latest run of its rules."""
    runs: Sequence[Mapping[str, Any]] = ()
    """Its latest runs of scenarios, newest first."""
    unjudged: Mapping[str, str] = field(default_factory=dict)
    """`model`, `execution`, `data` → why nothing is known of it yet, and what to do; without those that are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What is known of a deployment of a project: its settings, its last update, what its node says."""

    enabled: bool = True
    deployed: bool = False
    """Whether an update of it ever ended well."""
    failed: str = ""
    """What the last update failed with; empty when it went well, or there was none."""
    unreachable: str = ""
    """Why the node could not be asked, or what is missing there."""
    differs: Sequence[str] = ()
    """In what the node is not as the deployment says, in words."""
    seen: ProjectSeen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSeen:
    """An API node as it tells of one service."""

    url: str
    unreachable: str = ""
    enabled: bool = True
    generations: Sequence[str] = ()
    """Those that answer now."""
    mapping: Mapping[str, Any] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)
    """Endpoint → why it does not answer."""

    @property
    def answers_with(self) -> str:
        """Its versions as people read them: `v2 (70 %) + v3 (30 %), shadow v4`; empty when none answers."""
        try:
            return generations.read_mapping(self.mapping).told
        except PenstockError:  # nothing is mapped, or an older node says it otherwise
            return " + ".join(self.generations)


def of_project(seen: Observed) -> list[Reason]:
    """Every reason that a deployment is not healthy; none when it is. See the table in the reference."""
    if not seen.deployed and not seen.failed:
        return [Reason(health=Health.UNKNOWN, text="It was never deployed.")]
    found = [Reason(health=Health.ERROR, text=text) for text in (seen.unreachable,) if text]
    found += (
        [Reason(health=Health.ERROR, text=f"The last update failed: {seen.failed}")] if seen.failed else []
    )
    if not seen.unreachable:
        found += [Reason(health=Health.OUT_OF_SYNC, text=text) for text in seen.differs]
    if seen.seen is not None and not seen.unreachable:
        found += _of_scenarios(seen.seen.scenarios, seen.enabled)
        found += [
            Reason(health=Health.WARNING, text=f"Activated with a warning: {w}") for w in seen.seen.warnings
        ]
    return found


def word(reasons: Sequence[Reason]) -> Health:
    """The one word for some reasons: HEALTHY without any."""
    return Health.worst(r.health for r in reasons) if reasons else Health.HEALTHY


def _of_scenarios(scenarios: Sequence[ScenarioSeen], enabled: bool) -> list[Reason]:
    active = [s for s in scenarios if s.active]
    bad = (Outcome.FAILED, Outcome.ABORTED)
    found = [
        Reason(health=Health.UNHEALTHY, text=f"The last run of scenario {s.name} ended {s.last}.")
        for s in active if s.last in bad
    ]  # fmt: skip
    found += [
        Reason(health=Health.WARNING, text=f"The last run of scenario {s.name} ended WARNING.")
        for s in active if s.last is Outcome.WARNING
    ]  # fmt: skip
    if scenarios and not active and enabled:
        found.append(Reason(health=Health.WARNING, text="It has scenarios, and the triggers of none are on."))
    return found


def of_service(
    nodes: Sequence[NodeSeen], wanted: Mapping[str, Any], *, enabled: bool = True, deployed: bool = True,
    failed: str = "",
) -> list[Reason]:  # fmt: skip
    """The same for a deployed service: `wanted` is the mapping of its settings, as JSON."""
    if not deployed and not failed:
        return [Reason(health=Health.UNKNOWN, text="It was never deployed.")]
    found = [Reason(health=Health.ERROR, text=f"The last update failed: {failed}")] if failed else []
    for node in nodes:
        found += _of_node(node, wanted, enabled)
    if not enabled and not found:
        return [Reason(health=Health.DISABLED, text="It is switched off.")]
    return found


def _of_node(node: NodeSeen, wanted: Mapping[str, Any], enabled: bool) -> list[Reason]:
    if node.unreachable:
        return [Reason(health=Health.ERROR, text=f"Node {node.url}: {node.unreachable}")]
    if node.enabled != enabled:
        state = "on" if node.enabled else "off"
        return [Reason(health=Health.OUT_OF_SYNC, text=f"Node {node.url}: the service is still {state}.")]
    if not enabled:
        return []
    found = [
        Reason(health=Health.ERROR, text=f"Node {node.url}: endpoint {name} does not answer: {why}")
        for name, why in node.broken.items()
    ]
    if node.mapping != wanted:
        now = node.answers_with or "none"
        found.append(Reason(health=Health.OUT_OF_SYNC, text=f"Node {node.url} answers with version {now}."))
    return found


def of_verdicts(verdicts: Iterable[Verdict]) -> Health:
    """The status of models or of data: worst latest check wins; UNKNOWN where nothing was judged."""
    by_verdict = {
        Verdict.OK: Health.HEALTHY, Verdict.WARNING: Health.WARNING, Verdict.ERROR: Health.ERROR,
        Verdict.EMPTY: Health.UNKNOWN,
    }  # fmt: skip
    return Health.worst(by_verdict[verdict] for verdict in verdicts)


def of_runs(scenarios: Iterable[ScenarioSeen]) -> Health:
    """The status of execution: worst last run of the scenarios whose triggers are on; UNKNOWN where none ran."""
    by_outcome = {
        Outcome.SUCCESS: Health.HEALTHY, Outcome.WARNING: Health.WARNING, Outcome.FAILED: Health.ERROR,
        Outcome.ABORTED: Health.ERROR,
    }  # fmt: skip
    return Health.worst(by_outcome[s.last] for s in scenarios if s.active and s.last is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitored:
    """One deployment on the monitoring screen: a status each, and the worst of them."""

    deployment: Health
    model: Health = Health.UNKNOWN
    execution: Health = Health.UNKNOWN
    data: Health = Health.UNKNOWN
    why: Mapping[str, str] = field(default_factory=dict)
    """`model`, `execution`, `data` → why it is not HEALTHY; of one that is UNKNOWN, what would tell."""

    @property
    def overall(self) -> Health:
        """The worst of all."""
        return Health.worst((self.deployment, self.model, self.execution, self.data))


def monitored(deployment: Health, seen: ProjectSeen | None, silent: str = "") -> Monitored:
    """The four statuses of a deployed project; `silent`: why nothing of it was seen."""
    if seen is None:
        return Monitored(deployment=deployment, why=dict.fromkeys(("model", "execution", "data"), silent))
    runs = {s.name: s.last for s in seen.scenarios if s.active and s.last is not None}
    bad = {"model": of_checks(seen.models), "execution": _ended(runs), "data": of_checks(seen.rules)}
    return Monitored(
        deployment=deployment, model=of_verdicts(seen.models.values()), execution=of_runs(seen.scenarios),
        data=of_verdicts(seen.rules.values()), why={**seen.unjudged, **{w: told for w, told in bad.items() if told}},
    )  # fmt: skip


def of_checks(verdicts: Mapping[str, Verdict]) -> str:
    """Model or dataset → its worst latest verdict, in words: those that are not content; empty when all are."""
    bad = [f"{name} {said}" for name, said in verdicts.items() if said in (Verdict.WARNING, Verdict.ERROR)]
    return f"Its latest checks say: {', '.join(bad)}." if bad else ""


def _ended(runs: Mapping[str, Outcome]) -> str:
    bad = [f"{name} {outcome}" for name, outcome in runs.items() if outcome is not Outcome.SUCCESS]
    return f"The last runs ended: {', '.join(bad)}." if bad else ""
