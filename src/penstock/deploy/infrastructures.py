"""Infrastructures: where bundles and services can go; make, change, try, remove."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.core import registry
from penstock.core.connection import secret_name
from penstock.core.deployment import STAGES, Address, DeployRight, Infrastructure, check_id
from penstock.core.errors import Conflict, PenstockError, Refused
from penstock.deploy import nodes, rights
from penstock.runtime import audit

if TYPE_CHECKING:
    from penstock.core.node import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One infrastructure in the list."""

    name: str
    type: str
    carries: str
    """projects or services"""
    stage: str
    title: str
    urls: Sequence[str]
    deployments: Sequence[str]
    """Ids of what is deployed there."""
    may_deploy: bool


def stages(node: Node) -> list[str]:
    """The usual stages, and those that infrastructures say."""
    said = {node.deployer.get("infrastructure", n).stage for n in node.deployer.names("infrastructure")}
    return [*STAGES, *sorted(said - set(STAGES))]


def listing(node: Node, carries: str = "") -> list[Listed]:
    """Every infrastructure that the caller may see: all, or those for `projects` or `services`."""
    used = deployed_on(node)
    found = []
    for name in node.deployer.names("infrastructure"):
        infrastructure: Infrastructure = node.deployer.get("infrastructure", name)
        if infrastructure.CARRIES.startswith(carries) and rights.may(node, DeployRight.READ, infrastructure):
            found.append(Listed(
                name=name, type=infrastructure.kind_name(), carries=infrastructure.CARRIES,
                stage=infrastructure.stage, title=infrastructure.title, urls=infrastructure.public_urls(),
                deployments=used.get(name, []), may_deploy=rights.may(node, DeployRight.DEPLOY, infrastructure),
            ))  # fmt: skip
    return found


def show(node: Node, name: str) -> Infrastructure:
    """Its definition: names of secrets, never their values. Hooks are shown to its administrators only."""
    rights.require(node, DeployRight.READ, "infrastructure", name)
    found: Infrastructure = node.deployer.get("infrastructure", name)
    return found if rights.may(node, DeployRight.ADMIN, found) else found.changed(hooks=())


def define(node: Node, name: str, definition: Mapping[str, Any], *, by: str = "") -> Infrastructure:
    """Make an infrastructure (only who manages deployments), or change it (its administrators too).

    Deployments that exist keep their own connections. Raises InvalidDefinition, Refused for another type while
    something is deployed there.
    """
    check_id(name)
    made = registry.parse("infrastructures", definition)
    assert isinstance(made, Infrastructure)
    if name in node.deployer.names("infrastructure"):
        rights.require(node, DeployRight.ADMIN, "infrastructure", name, by=by)
        _check_type(node, name, made)
    else:
        rights.require_manager(node, by=by, what="make infrastructures")
    author = _author(node, by)
    node.deployer.save("infrastructure", name, made, author=author, message=f"Define infrastructure {name}")
    audit.note(node, "infrastructure-save", object=f"infrastructure:{name}", by=by)
    return made


def delete(node: Node, name: str, *, by: str = "") -> None:
    """Remove it. Raises Refused while something is deployed there."""
    rights.require(node, DeployRight.ADMIN, "infrastructure", name, by=by)
    used = deployed_on(node).get(name, [])
    if used:
        raise Refused(
            f"Infrastructure {name} is not deleted: {', '.join(used)} is deployed there.",
            hint="Delete its deployments first.",
        )
    node.deployer.save(
        "infrastructure", name, None, author=_author(node, by), message=f"Delete infrastructure {name}"
    )
    audit.note(node, "infrastructure-delete", object=f"infrastructure:{name}", by=by)


def test(node: Node, name: str, *, by: str = "") -> list[str]:  # noqa: PT028 - a use case, not a test
    """Ask each of its nodes something that needs its key: a line each. Raises what is wrong with the first."""
    rights.require(node, DeployRight.DEPLOY, "infrastructure", name, by=by)
    infrastructure: Infrastructure = node.deployer.get("infrastructure", name)
    if infrastructure.CARRIES == "projects":
        remote = nodes.automation(node, infrastructure, patience=nodes.LOOK)
        who = remote.get("me")
        return [f"{remote.address.url} answers; the key is {who.get('login', '?')}'s."]
    told = []
    for remote in nodes.api_nodes(node, infrastructure, patience=nodes.LOOK):
        services = remote.get("services")
        told.append(f"{remote.address.url} answers; it has {len(services)} services.")
    return told


def missing_secrets(node: Node, infrastructure: Infrastructure) -> list[str]:
    """Names of the keys it needs that nobody has sealed yet."""
    asked = _Names()
    infrastructure.open(asked)
    return sorted(asked.found - set(node.secrets.names()))


class _Names:
    """Looks like the place an infrastructure is opened at, and only notes which secrets are asked for."""

    def __init__(self) -> None:
        self.found: set[str] = set()

    def secret(self, reference: str) -> str:
        if name := secret_name(reference):
            self.found.add(name)
        return ""

    def started_node(self, port: int) -> Address:
        return Address(url=f"http://127.0.0.1:{port}", key="")


def deployed_on(node: Node) -> dict[str, list[str]]:
    """Infrastructure → ids of the deployments there."""
    found: dict[str, list[str]] = {}
    for sort in ("deployment", "service_deployment"):
        for id in node.deployer.names(sort):
            found.setdefault(node.deployer.get(sort, id).infrastructure, []).append(id)
    return found


def _check_type(node: Node, name: str, made: Infrastructure) -> None:
    try:
        before: Infrastructure = node.deployer.get("infrastructure", name)
    except PenstockError:  # broken by hand: anything is better
        return
    if before.kind_name() != made.kind_name() and deployed_on(node).get(name):
        raise Conflict(
            f"Infrastructure {name} stays of type {before.kind_name()} while something is deployed there."
        )


def _author(node: Node, by: str) -> str:
    return by or node.config.user
