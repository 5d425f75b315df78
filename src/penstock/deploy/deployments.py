"""Deployments: what is to be where, and how it differs there. Nothing happens on a node before an update."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from penstock.core import deployment, generations, registry
from penstock.core.deployment import (
    AnyDeployment,
    Deployment,
    DeployRight,
    Infrastructure,
    Published,
    ServiceDeployment,
    Settings,
    check_id,
    usual_id,
)
from penstock.core.errors import Conflict, Invalid, NotFound
from penstock.core.health import Health
from penstock.core.update import Update, UpdateState, applied
from penstock.deploy import publishing, rights
from penstock.runtime import audit

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.ports import DeployerSort
    from penstock.core.revision import Revision


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One deployment in a list."""

    id: str
    sort: str
    """project or service"""
    published: str
    infrastructure: str
    stage: str
    package: str
    target: str
    enabled: bool
    health: Health
    reasons: Sequence[str]
    seen_at: datetime | None
    updated_at: datetime | None
    update: UpdateState | None
    """How the last update ended, or that it runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One deployment with everything its page needs."""

    id: str
    sort: str
    definition: AnyDeployment
    infrastructure: Infrastructure
    packages: Sequence[str]
    """What is published and could be deployed, newest first."""
    scenarios: Sequence[str]
    """Of the chosen bundle."""
    connections: Mapping[str, str]
    """Connections the chosen bundle names → their types."""
    ever_deployed: bool
    urls: Sequence[str]
    may_deploy: bool


def listing(node: Node, sort: str = "", published: str = "", infrastructure: str = "") -> list[Listed]:
    """Deployments that the caller may see: of projects, of services, or both; with what was last seen of each."""
    seen = node.deployer.seen()
    found = []
    for of in ("deployment", "service_deployment"):
        told = "project" if of == "deployment" else "service"
        for id in node.deployer.names(of) if told.startswith(sort) else ():
            made: AnyDeployment = node.deployer.get(of, id)
            fits = published in ("", made.published) and infrastructure in ("", made.infrastructure)
            if fits and _may_see(node, told, made):
                found.append(_listed(node, id, told, seen.get(id)))
    return found


def show(node: Node, deployment: str) -> Shown:
    """One deployment. Raises NotFound, NotAllowed."""
    sort, made = find(node, deployment)
    published: Published = node.deployer.get(sort, made.published)
    _require_see(node, sort, made)
    chosen = next((p for p in published.packages if p.id == made.package), None)
    facts = chosen.facts if chosen else {}
    infrastructure: Infrastructure = node.deployer.get("infrastructure", made.infrastructure)
    return Shown(
        id=deployment, sort=sort, definition=made, infrastructure=infrastructure.changed(hooks=()),
        packages=[p.id for p in published.packages[::-1]],
        scenarios=sorted(facts.get("objects", {}).get("scenario", ())),
        connections=facts.get("connections", {}) if sort == "project" else {},
        ever_deployed=applied(node.deployer.updates(deployment)) is not None, urls=infrastructure.public_urls(),
        may_deploy=_may_deploy(node, sort, made),
    )  # fmt: skip


def create(
    node: Node,
    published: str,
    bundle: str,
    infrastructure: str,
    *,
    id: str = "",
    key: str = "",
    by: str = "",
) -> Deployment:
    """A deployment of a published project. It takes the infrastructure's connections as they are now. Nothing is
    deployed before the first update. `key`: of the project on the node. Raises Conflict, Invalid, NotAllowed."""
    _check_may_deploy(node, "project", published, infrastructure, by=by)
    name = check_id(id or usual_id(published, infrastructure))
    place = _carrying(node, infrastructure, "projects")
    _check_free(node, name)
    found: Published = node.deployer.get("project", published)
    settings = Settings(
        connections=dict(getattr(place, "connections", {})), run_as=getattr(place, "run_as", "")
    )
    made = Deployment(
        infrastructure=infrastructure, published=published, bundle=found.package(bundle).id,
        target=key or published, settings=settings,
    )  # fmt: skip
    _check_target(node, made)
    _save(node, "deployment", name, made, by=by, message=f"Create deployment {name}")
    return made


def create_service(
    node: Node,
    published: str,
    version: str,
    infrastructure: str,
    *,
    id: str = "",
    service: str = "",
    by: str = "",
) -> ServiceDeployment:
    """A deployment of a published service on an infrastructure of API nodes."""
    _check_may_deploy(node, "service", published, infrastructure, by=by)
    name = check_id(id or usual_id(published, infrastructure))
    _carrying(node, infrastructure, "services")
    _check_free(node, name)
    found: Published = node.deployer.get("service", published)
    made = ServiceDeployment(
        infrastructure=infrastructure, published=published, service=service or published,
        mapping=generations.single(found.package(version).id),
    )  # fmt: skip
    _check_service(node, made)
    _save(node, "service_deployment", name, made, by=by, message=f"Create deployment {name}")
    return made


def save(node: Node, deployment: str, definition: Mapping[str, Any], *, by: str = "") -> AnyDeployment:
    """Change a deployment; it is out of sync until the next update. What it deploys and where stays.

    Raises InvalidDefinition, NotFound for a version that is not published, Invalid for a change of place.
    """
    sort, before = find(node, deployment)
    _check_may_deploy(node, sort, before.published, before.infrastructure, by=by)
    after = registry.validate(type(before), definition)
    for word in ("infrastructure", "published", "target", "service"):
        if getattr(after, word, None) != getattr(before, word, None):
            raise Invalid(
                f"The {word} of a deployment stays as it is.", hint="Make another deployment instead."
            )
    _check_packages(node, sort, after)
    of: DeployerSort = "deployment" if sort == "project" else "service_deployment"
    _save(node, of, deployment, after, by=by, message=f"Change deployment {deployment}")
    return after


def choose(node: Node, deployment: str, package: str, *, by: str = "") -> AnyDeployment:
    """Take another bundle, or one version for every query; settings and id stay."""
    sort, before = find(node, deployment)
    if sort == "project":
        return save(node, deployment, {**before.to_mapping(), "bundle": package}, by=by)
    mapping = generations.single(package).to_mapping()
    return save(node, deployment, {**before.to_mapping(), "mapping": mapping}, by=by)


def delete(node: Node, deployment: str, *, ignore: bool = False, by: str = "") -> None:
    """Remove a deployment that is switched off (and updated), or was never deployed. The project on its node stays;
    a service is removed from its nodes. `ignore`: even when a node does not answer, or it is still on."""
    sort, made = find(node, deployment)
    _check_may_deploy(node, sort, made.published, made.infrastructure, by=by)
    there = applied(node.deployer.updates(deployment))
    if not ignore:
        on = there is not None and bool(there.definition.get("enabled", True))
        _of_rules.check_disabled(
            deployment, made.changed(enabled=made.enabled or on), ever_deployed=bool(there)
        )
    if sort == "service" and there is not None:
        from penstock.deploy import service_updates

        service_updates.remove(node, made, ignore=ignore)
    of: DeployerSort = "deployment" if sort == "project" else "service_deployment"
    _save(node, of, deployment, None, by=by, message=f"Delete deployment {deployment}")
    node.deployer.forget(deployment)


def history(node: Node, deployment: str) -> list[Revision]:
    """Changes of its settings, newest first."""
    sort, made = find(node, deployment)
    _require_see(node, sort, made)
    return node.deployer.history("deployment" if sort == "project" else "service_deployment", deployment)


def candidates(node: Node, published: str, sort: publishing.Sort = "project") -> list[Listed]:
    """Deployments that a published bundle could update instead of a new one."""
    return listing(node, sort, published)


def find(node: Node, deployment: str) -> tuple[publishing.Sort, AnyDeployment]:
    """`project` or `service`, and the deployment. Raises NotFound with the nearest id."""
    if deployment in node.deployer.names("deployment"):
        return "project", node.deployer.get("deployment", deployment)
    if deployment in node.deployer.names("service_deployment"):
        return "service", node.deployer.get("service_deployment", deployment)
    among = [*node.deployer.names("deployment"), *node.deployer.names("service_deployment")]
    raise NotFound("deployment", deployment, among=among)


def check_may_deploy(node: Node, deployment: str, *, by: str = "") -> None:
    """Raise NotAllowed unless they may deploy on its infrastructure AND what it deploys."""
    sort, made = find(node, deployment)
    _check_may_deploy(node, sort, made.published, made.infrastructure, by=by)


_of_rules = deployment


def _check_may_deploy(
    node: Node, sort: publishing.Sort, published: str, infrastructure: str, *, by: str
) -> None:
    rights.require(node, DeployRight.DEPLOY, "infrastructure", infrastructure, by=by)
    rights.require(node, DeployRight.DEPLOY, sort, published, by=by)


def _may_deploy(node: Node, sort: publishing.Sort, made: AnyDeployment) -> bool:
    return rights.may(
        node, DeployRight.DEPLOY, node.deployer.get("infrastructure", made.infrastructure)
    ) and rights.may(node, DeployRight.DEPLOY, node.deployer.get(sort, made.published))


def _may_see(node: Node, sort: str, made: AnyDeployment) -> bool:
    return rights.may(node, DeployRight.READ, node.deployer.get(sort, made.published))  # type: ignore[arg-type]


def _require_see(node: Node, sort: publishing.Sort, made: AnyDeployment) -> None:
    rights.require(node, DeployRight.READ, sort, made.published)


def _carrying(node: Node, infrastructure: str, carries: str) -> Infrastructure:
    place: Infrastructure = node.deployer.get("infrastructure", infrastructure)
    if carries != place.CARRIES:
        raise Invalid(f"Infrastructure {infrastructure} is for {place.CARRIES}, not for {carries}.")
    return place


def _check_free(node: Node, id: str) -> None:
    if id in {*node.deployer.names("deployment"), *node.deployer.names("service_deployment")}:
        raise Conflict(
            f"There is a deployment {id} already.", hint="Update that one, or give this one another id."
        )


def _check_target(node: Node, made: Deployment) -> None:
    """Two deployments never write the same project of the same node."""
    for other in node.deployer.names("deployment"):
        there: Deployment = node.deployer.get("deployment", other)
        if (there.infrastructure, there.target) == (made.infrastructure, made.target):
            raise Conflict(
                f"Deployment {other} has project {made.target} on {made.infrastructure} already.",
                hint="Update that one, or choose another target project.",
            )


def _check_service(node: Node, made: ServiceDeployment) -> None:
    for other in node.deployer.names("service_deployment"):
        there: ServiceDeployment = node.deployer.get("service_deployment", other)
        if (there.infrastructure, there.service) == (made.infrastructure, made.service):
            raise Conflict(
                f"Deployment {other} has service {made.service} on {made.infrastructure} already.",
                hint="Update that one, or choose another service id.",
            )


def _check_packages(node: Node, sort: publishing.Sort, made: AnyDeployment) -> None:
    published: Published = node.deployer.get(sort, made.published)
    named = (made.bundle,) if isinstance(made, Deployment) else made.mapping.generations
    for package in named:
        published.package(package)


def _save(
    node: Node, sort: DeployerSort, name: str, made: AnyDeployment | None, *, by: str, message: str
) -> None:
    node.deployer.save(sort, name, made, author=by or node.config.user, message=message)
    audit.note(node, "deployment-save" if made else "deployment-delete", object=f"deployment:{name}", by=by)


def _listed(node: Node, id: str, sort: str, seen: tuple[Mapping[str, Any], datetime] | None) -> Listed:
    made = find(node, id)[1]
    last: Update | None = next(iter(node.deployer.updates(id, limit=1)), None)
    facts, at = seen or ({}, None)
    place: Infrastructure = node.deployer.get("infrastructure", made.infrastructure)
    return Listed(
        id=id, sort=sort, published=made.published, infrastructure=made.infrastructure, stage=place.stage,
        package=made.package, target=made.target if isinstance(made, Deployment) else made.service,
        enabled=made.enabled, health=Health(facts.get("health", "UNKNOWN")),
        reasons=[reason["text"] for reason in facts.get("reasons", ())], seen_at=at,
        updated_at=last.started_at if last else None, update=last.state if last else None,
    )  # fmt: skip
