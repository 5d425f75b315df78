"""An update of a service's deployment: every version is loaded on every node first, then all of them switch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from penstock.core.connection import secret_name
from penstock.core.deployment import ServiceDeployment
from penstock.core.errors import Conflict, Failed, NotFound, PenstockError
from penstock.core.update import Told
from penstock.deploy import nodes, publishing
from penstock.deploy.nodes import Remote
from penstock.deploy.updating import Phase, Updating

if TYPE_CHECKING:
    from penstock.core.node import Node


def access(node: Node, made: ServiceDeployment) -> dict[str, Any] | None:
    """The access of a deployment as its nodes take it; None = as its version says."""
    from penstock.core.service import hashed

    tuning = made.access
    if tuning.method == "as packaged":
        return None
    names = [secret_name(key) for key in tuning.keys]
    keys = [{"id": name, "label": name, "hash": hashed(node.secrets.get(name))} for name in names]
    return {"method": tuning.method, "keys": keys}


def remove(node: Node, made: ServiceDeployment | Any, *, ignore: bool) -> None:
    """Take a service off its nodes."""
    for remote in nodes.api_nodes(node, node.deployer.get("infrastructure", made.infrastructure)):
        try:
            remote.post("services", made.service, "actions", "disable")
            remote.delete("services", made.service)
        except NotFound:
            continue
        except PenstockError:
            if not ignore:
                raise


def _check(up: Updating) -> Sequence[Told]:
    """Every node answers before any of them is changed."""
    for remote in _nodes(up):
        up.say(f"{remote.address.url} answers; it has {len(remote.get('services'))} services.")
    return []


def _before(up: Updating) -> Sequence[Told]:
    return up.hooks("before")


def _send(up: Updating) -> Sequence[Told]:
    """Versions that a node lacks; with a full update all that answer nothing there are sent again."""
    made = _made(up)
    for remote in _nodes(up):
        there = _generations(remote, made.service)
        active = _active(remote, made.service)
        for version in made.mapping.generations:
            if up.full and version in there and version not in active:
                remote.delete("services", made.service, "generations", version)
                there -= {version}
            if version not in there:
                _import(up, remote, version)
    return []


def _load(up: Updating) -> Sequence[Told]:
    made = _made(up)
    for remote in _nodes(up):
        for version in made.mapping.generations:
            up.check_stop()
            remote.post("services", made.service, "generations", version, "preload")
            up.say(f"{remote.address.url} has loaded version {version}.")
    return []


def _switch(up: Updating) -> Sequence[Told]:
    made = _made(up)
    for remote in _nodes(up):
        words = {"access": access(up.node, made), "routing": up.update.deployment}
        remote.put("services", made.service, "settings", json=words)
        if made.enabled:
            remote.post("services", made.service, "actions", "setMapping", json=made.mapping.to_json())
            up.say(f"{remote.address.url} answers with {made.package}.")
        else:
            remote.post("services", made.service, "actions", "disable")
            up.say(f"{remote.address.url} answers no more queries of {made.service}.")
    return []


def _after(up: Updating) -> Sequence[Told]:
    return [
        Told(severity="WARNING", code=told.code, text=told.text) if told.severity == "ERROR" else told
        for told in up.hooks("after")
    ]


def _report(up: Updating) -> Sequence[Told]:
    """Every node is asked once more what it does now."""
    made = _made(up)
    for remote in _nodes(up):
        told = remote.get("services", made.service)
        if bool(told.get("enabled")) != made.enabled:
            raise Failed(f"{remote.address.url} did not switch service {made.service}.")
    return []


PHASES: Sequence[Phase] = (
    ("pre-checks", _check), ("hooks before", _before), ("send versions", _send), ("load", _load),
    ("switch", _switch), ("hooks after", _after), ("report", _report),
)  # fmt: skip


def _import(up: Updating, remote: Remote, version: str) -> None:
    made = _made(up)
    archive = publishing.archive_of(up.node, "service", made.published, version)
    up.check_stop()
    up.say(f"Sending version {version} ({archive.stat().st_size:,} bytes) to {remote.address.url} …")
    try:
        remote.send_raw("services", made.service, "generations", "actions", "importFromArchive", file=archive)
    except Conflict:
        up.say(f"{remote.address.url} has version {version} already.")


def _generations(remote: Remote, service: str) -> set[str]:
    try:
        told = remote.get("services", service, "generations")
    except NotFound:
        return set()
    return {_id(one) for one in told}


def _active(remote: Remote, service: str) -> set[str]:
    try:
        mapping: Mapping[str, Any] = remote.get("services", service).get("mapping") or {}
    except NotFound:
        return set()
    entries = mapping.get("entries") or [mapping]
    return {str(e["generation"]) for e in entries if e.get("generation")} | set(mapping.get("shadow", ()))


def _id(one: Any) -> str:
    return str(one.get("id") or one.get("generation")) if isinstance(one, Mapping) else str(one)


def _nodes(up: Updating) -> list[Remote]:
    return nodes.api_nodes(up.node, up.infrastructure)


def _made(up: Updating) -> ServiceDeployment:
    if not isinstance(up.deployment, ServiceDeployment):
        raise PenstockError("This deployment is none of a service.")
    return up.deployment
