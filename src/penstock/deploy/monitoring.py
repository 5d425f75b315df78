"""Monitoring: ask nodes how their deployments are, keep what was seen, show everything on one screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from threading import Event
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from penstock.core import activity, health
from penstock.core import deployment as rules
from penstock.core.activity import Moment
from penstock.core.deployment import (
    AnyDeployment,
    Deployment,
    Infrastructure,
    Published,
    PublishedPackage,
    ServiceDeployment,
)
from penstock.core.errors import NotFound, PenstockError
from penstock.core.health import Health, Monitored, NodeSeen, Observed, ProjectSeen, Reason
from penstock.core.outcome import Verdict
from penstock.core.update import Update, applied, last
from penstock.deploy import deployments, nodes, observing, unjudged

if TYPE_CHECKING:
    from penstock.core.node import Node

_SEEN: TypeAdapter[ProjectSeen] = TypeAdapter(ProjectSeen)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentStatus:
    """How a deployment is, as it was last seen."""

    deployment: str
    health: Health
    reasons: Sequence[Reason] = ()
    monitored: Monitored
    seen: ProjectSeen | None = None
    """Of a project: what its node told."""
    nodes: Sequence[NodeSeen] = ()
    """Of a service: each node."""
    metrics: Sequence[Mapping[str, Any]] = ()
    """Of a service: one line for each endpoint and version of each node."""
    never_deployed: bool = False
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One deployment on the screen."""

    id: str
    sort: str
    infrastructure: str
    stage: str
    package: str
    statuses: Mapping[str, Health]
    overall: Health
    reasons: Sequence[str]
    at: datetime | None
    why: Mapping[str, str] = field(default_factory=dict)
    """Status → why it is not HEALTHY; of one that is UNKNOWN, what would tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """Everything that is deployed: how many there are of each health, and the lines that fit the filters."""

    counts: Mapping[Health, int]
    lines: Sequence[Line] = ()
    projects: int = 0
    services: int = 0
    facets: Mapping[str, Sequence[str]] = field(default_factory=dict)


def look(node: Node, deployment: str) -> DeploymentStatus:
    """Ask the nodes of a deployment now, keep what they say, and return it. Never raises for a node that is away."""
    _, made = deployments.find(node, deployment)
    updates = node.deployer.updates(deployment, limit=50)
    found = (
        _project(node, deployment, made, updates) if isinstance(made, Deployment)
        else _service(node, deployment, made, updates)
    )  # fmt: skip
    facts = {
        "health": found.health, "reasons": [asdict(r) for r in found.reasons],
        "statuses": _statuses(found.monitored), "why": dict(found.monitored.why),
        "never_deployed": found.never_deployed,
        "course": activity.lengthened(_kept(node, deployment), _moment(found)),
    }  # fmt: skip
    node.deployer.remember(deployment, facts, found.at)
    return found


def course(node: Node, deployment: str) -> list[Moment]:
    """What was seen of a deployment in about the last day, oldest first: health, and how busy it was until then."""
    deployments.show(node, deployment)
    return [activity.read(one) for one in _kept(node, deployment)]


def watch(node: Node, stop: Event) -> None:
    """Look at every deployment once in a while, until stopped; a node that deploys nothing has nothing to do."""
    every = node.config.monitoring_every
    while every and not stop.wait(every):
        with suppress(PenstockError):  # such as a state that is away: it is asked again the next time
            if not node.config.deployer_url and _deploys(node):
                refresh(node)


def _deploys(node: Node) -> bool:
    return bool(node.deployer.names("deployment") or node.deployer.names("service_deployment"))


def status(node: Node, deployment: str) -> DeploymentStatus:
    """The same for whoever may see the deployment. Raises NotFound, NotAllowed."""
    deployments.show(node, deployment)
    return look(node, deployment)


def refresh(node: Node) -> Screen:
    """Look at every deployment that the caller may see, then show the screen."""
    for listed in deployments.listing(node):
        look(node, listed.id)
    return screen(node)


def screen(
    node: Node, *, health: str = "", sort: str = "", stage: str = "", infrastructure: str = ""
) -> Screen:
    """What was last seen of everything deployed. Counts are those of the filters but `health`, so that each count is
    how many lines its filter shows."""
    seen = node.deployer.seen()
    listed = deployments.listing(node, sort, infrastructure=infrastructure)
    lines = [_line(one, seen.get(one.id, ({}, None))[0]) for one in listed if stage in ("", one.stage)]
    counts = Counter(line.overall for line in lines)
    shown = [line for line in lines if health in ("", line.overall)]
    every = deployments.listing(node)
    return Screen(
        counts={word: counts[word] for word in reversed(Health) if counts[word]},
        lines=sorted(shown, key=lambda line: (-line.overall.severity, line.id)),
        projects=sum(one.sort == "project" for one in every), services=sum(one.sort == "service" for one in every),
        facets={
            "stage": sorted({one.stage for one in every}),
            "infrastructure": sorted({one.infrastructure for one in every}),
        },
    )  # fmt: skip


def differences(
    made: Deployment, infrastructure: Infrastructure, done: Update | None, seen: ProjectSeen
) -> list[str]:
    """In what a node is not as a deployment says, in words."""
    found = []
    if seen.bundle != made.bundle:
        found.append(f"Bundle {seen.bundle or 'none'} is active, the deployment says {made.bundle}.")
    wanted = rules.effective(made, getattr(infrastructure, "connections", {}))
    if dict(seen.settings.get("connections") or {}) != wanted:
        found.append("Its connections are not those of the deployment.")
    own = made.settings.local_variables
    if own and dict(seen.local_variables) != dict(own):
        found.append("Its local variables are not those of the deployment.")
    off = made.settings.triggers_off or not made.enabled
    for scenario in seen.scenarios:
        on = made.settings.scenarios.get(scenario.name)
        if (off and scenario.active) or (not off and on is not None and scenario.active != on):
            state = "on" if scenario.active else "off"
            found.append(f"The triggers of scenario {scenario.name} are {state}.")
    if not found and done is not None and dict(done.definition) != made.to_mapping():
        found.append("Its settings changed after the last update.")
    return found


def _project(node: Node, id: str, made: Deployment, updates: Sequence[Update]) -> DeploymentStatus:
    infrastructure: Infrastructure = node.deployer.get("infrastructure", made.infrastructure)
    done, newest = applied(updates), last(updates)
    seen, unreachable = (None, "") if done is None else _asked(node, infrastructure, made)
    differs = differences(made, infrastructure, done, seen) if seen else []
    failed = newest.error if newest is not None and newest.state == "FAILED" else ""
    reasons = health.of_project(Observed(
        enabled=made.enabled, deployed=done is not None, failed=failed, unreachable=unreachable,
        differs=differs, seen=seen,
    ))  # fmt: skip
    word = health.word(reasons)
    return DeploymentStatus(
        deployment=id, health=word, reasons=reasons, seen=seen,
        monitored=health.monitored(word, seen, _silent(unreachable)), never_deployed=done is None, at=node.clock.now(),
    )  # fmt: skip


def _silent(unreachable: str) -> str:
    """Why nothing was seen of a project."""
    if not unreachable:
        return "It was never deployed: deploy it, and its node is asked."
    return f"Its node could not be asked: {unreachable}"


def _asked(node: Node, infrastructure: Infrastructure, made: Deployment) -> tuple[ProjectSeen | None, str]:
    """What the node says of the project, or why it says nothing."""
    try:
        remote = nodes.automation(node, infrastructure, patience=nodes.LOOK)
        return _SEEN.validate_python(remote.get("projects", made.target, "deployed")), ""
    except NotFound as missing:
        if getattr(missing, "what", "") != "project":
            return None, missing.message
        return None, f"There is no project {made.target} on the node."
    except PenstockError as error:
        return None, error.message


def _service(node: Node, id: str, made: AnyDeployment, updates: Sequence[Update]) -> DeploymentStatus:
    assert isinstance(made, ServiceDeployment)
    infrastructure: Infrastructure = node.deployer.get("infrastructure", made.infrastructure)
    done, newest = applied(updates), last(updates)
    seen = [] if done is None else _nodes_seen(node, infrastructure, made)
    failed = newest.error if newest is not None and newest.state == "FAILED" else ""
    reasons = health.of_service(
        seen, made.mapping.to_json(), enabled=made.enabled, deployed=done is not None, failed=failed
    )
    if not reasons and done is not None and dict(done.definition) != made.to_mapping():
        reasons = [Reason(health=Health.OUT_OF_SYNC, text="Its settings changed after the last update.")]
    word = health.word(reasons)
    return DeploymentStatus(
        deployment=id, health=word, reasons=reasons, monitored=_with_models(node, made, word), nodes=seen,
        metrics=_metrics(node, infrastructure, made, seen), never_deployed=done is None, at=node.clock.now(),
    )  # fmt: skip


def _with_models(node: Node, made: ServiceDeployment, word: Health) -> Monitored:
    """A service and the models that answer in it: they are judged where they are designed, if that is this home."""
    published: Published = node.deployer.get("service", made.published)
    packages = [published.package(version) for version in made.mapping.generations]
    answering = [package for package in packages if package.facts.get("models")]
    if not answering:
        return Monitored(deployment=word, why={"model": "It answers without a saved model."})
    away = [one.source for one in answering if not _designed_here(node, one)]
    if away:
        at = away[0].url or away[0].node or "another node"
        return Monitored(
            deployment=word, why={"model": f"Its models are judged where they are designed: {at}."}
        )
    try:
        judged = [_judged(node, package) for package in answering]
    except PenstockError as broken:  # the project is told so on its own pages
        return Monitored(deployment=word, why={"model": broken.message})
    verdicts = {name: verdict for found, _ in judged for name, verdict in found.items()}
    model = health.of_verdicts(verdicts.values())
    why = judged[0][1] if model is Health.UNKNOWN else health.of_checks(verdicts)
    return Monitored(deployment=word, model=model, why={"model": why} if why else {})


def _designed_here(node: Node, package: PublishedPackage) -> bool:
    source = package.source
    return source.node == node.config.node_name and source.project in set(node.projects.keys())


def _judged(node: Node, package: PublishedPackage) -> tuple[dict[str, Verdict], str]:
    """What the checks of its models said last in the project they come from; and why they say nothing, if they do."""
    project = node.projects.load(package.source.project)
    names = {str(told.get("model")) for told in package.facts["models"].values()}
    found = observing.models(node, project)
    why = unjudged.models(project, f"in project {project.key}")
    return {name: verdict for name, verdict in found.items() if name in names}, why


def _nodes_seen(node: Node, infrastructure: Infrastructure, made: ServiceDeployment) -> list[NodeSeen]:
    try:
        remotes = nodes.api_nodes(node, infrastructure, patience=nodes.LOOK)
    except PenstockError as error:
        return [NodeSeen(url=" ".join(infrastructure.public_urls()), unreachable=error.message)]
    return [_node_seen(remote, made.service) for remote in remotes]


def _node_seen(remote: nodes.Remote, service: str) -> NodeSeen:
    url = remote.address.url
    try:
        told = remote.get("services", service)
        problems = dict(remote.get("status").get("problems") or {})
    except PenstockError as error:
        return NodeSeen(url=url, unreachable=error.message.removeprefix(f"{url}: "))
    broken = {n: str(why) for n, why in problems.items() if n.split("/")[0] == service}
    mapping = dict(told.get("mapping") or {})
    entries = mapping.get("entries") or ([mapping] if mapping.get("generation") else [])
    return NodeSeen(
        url=url, enabled=bool(told.get("enabled")), mapping=mapping,
        generations=[str(entry["generation"]) for entry in entries], broken=broken,
    )  # fmt: skip


def _metrics(
    node: Node, infrastructure: Infrastructure, made: ServiceDeployment, seen: Sequence[NodeSeen]
) -> list[Mapping[str, Any]]:
    """How many queries, errors, p50 and p95 in ms: of each endpoint and version, node by node."""
    if all(one.unreachable for one in seen):
        return []
    found: list[Mapping[str, Any]] = []
    for remote in nodes.api_nodes(node, infrastructure, patience=nodes.LOOK):
        try:
            told = remote.get("metrics")
        except PenstockError:  # its state says so already
            continue
        found += [
            {**line, "node": remote.address.url} for line in _lines(told) if line["service"] == made.service
        ]
    return found


def _lines(told: Any) -> list[dict[str, Any]]:
    """A node's metrics as lines, nested by service, endpoint and generation or not."""
    if isinstance(told, Mapping) and "services" in told:
        told = told["services"]
    if isinstance(told, list):
        return [dict(line) for line in told]
    return [
        {"service": service, "endpoint": endpoint, "generation": generation, **facts}
        for service, endpoints in told.items() if isinstance(endpoints, Mapping)
        for endpoint, generations in endpoints.items() if isinstance(generations, Mapping)
        for generation, facts in generations.items() if isinstance(facts, Mapping)
    ]  # fmt: skip


def _kept(node: Node, deployment: str) -> Sequence[Mapping[str, Any]]:
    facts, _ = node.deployer.seen(deployment).get(deployment, ({}, None))
    told: Sequence[Mapping[str, Any]] = facts.get("course") or ()
    return told


def _moment(found: DeploymentStatus) -> Moment:
    endpoints = activity.split(found.metrics)
    return Moment(at=found.at, health=found.health, endpoints=endpoints, **activity.summed(found.metrics))


def _statuses(found: Monitored) -> dict[str, Health]:
    return {
        "deployment": found.deployment, "model": found.model, "execution": found.execution, "data": found.data
    }  # fmt: skip


def _line(one: deployments.Listed, facts: Mapping[str, Any]) -> Line:
    told = facts.get("statuses") or {}
    statuses = {
        word: Health(told.get(word, "UNKNOWN")) for word in ("deployment", "model", "execution", "data")
    }
    return Line(
        id=one.id, sort=one.sort, infrastructure=one.infrastructure, stage=one.stage, package=one.package,
        statuses=statuses, overall=Health.worst(statuses.values()), reasons=one.reasons, at=one.seen_at,
        why=dict(facts.get("why") or {}),
    )  # fmt: skip
