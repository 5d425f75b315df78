"""Publishing: bundles and versions of services come to the deployer, from this home or from another node."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from penstock.core import archive
from penstock.core.access import Permission
from penstock.core.deployment import DeployRight, DesignNode, Published, PublishedPackage, check_id
from penstock.core.errors import Conflict, Invalid, Refused, Unsafe
from penstock.core.names import check_project_key
from penstock.deploy import nodes, rights
from penstock.runtime import audit, people

if TYPE_CHECKING:
    from penstock.core.node import Node

Sort = Literal["project", "service"]
MANIFEST = "manifest.json"
KEPT_FACTS = (
    "title", "notes", "release_notes", "commit", "created_at", "created_by", "previous", "node", "connections",
    "environments", "objects", "content", "models", "warnings", "standards", "endpoints", "access",
)  # fmt: skip
"""Of the manifest: what pages, checks and settings need without opening the archive again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A published project or service in the list."""

    name: str
    title: str
    owner: str
    packages: Sequence[PublishedPackage]
    """Newest first."""
    deployments: Sequence[str]
    may_deploy: bool


def listing(node: Node, sort: Sort = "project") -> list[Listed]:
    """Published projects, or services, that the caller may see."""
    found = []
    for name in node.deployer.names(sort):
        published: Published = node.deployer.get(sort, name)
        if rights.may(node, DeployRight.READ, published):
            found.append(Listed(
                name=name, title=published.title, owner=published.owner, packages=published.packages[::-1],
                deployments=deployments_of(node, sort, name),
                may_deploy=rights.may(node, DeployRight.DEPLOY, published),
            ))  # fmt: skip
    return found


def show(node: Node, sort: Sort, name: str) -> Published:
    """A published project or service with its packages. Raises NotFound, NotAllowed."""
    rights.require(node, DeployRight.READ, sort, name)
    found: Published = node.deployer.get(sort, name)
    return found


def receive(
    node: Node, sources: Sequence[Path], *, sort: Sort = "project", published: str = "", project: str = "",
    design_node: str = "", url: str = "", by: str = "",
) -> PublishedPackage:  # fmt: skip
    """Take in an archive: a bundle, or a version of a service, by what its manifest says.

    The published project or service is made when it is not there; `published` gives it another name than its own.
    Raises Conflict when it has that version already, Unsafe for an archive that is not what it says.
    """
    (source,) = _one(sources)
    manifest = read_manifest(source)
    found_sort, own, id = identity(manifest)
    if found_sort != sort:
        raise Invalid(f"This archive is a {found_sort}, not a {sort}.")
    name = check_id(published or own) if sort == "service" else check_project_key(published or own)
    check_id(id)
    made = PublishedPackage(
        id=id, blob=node.blobs.put_file(source), bytes=source.stat().st_size, published_at=node.clock.now(),
        published_by=by, source=DesignNode(project=project or own, node=design_node, url=url),
        facts={key: manifest[key] for key in KEPT_FACTS if key in manifest},
    )  # fmt: skip
    with node.deployer.turn():
        _keep(node, sort, name, made, by=by)
    audit.note(node, f"{sort}-publish", object=f"{sort}:{name}", by=by, version=id)
    return made


def bundle(node: Node, project: str, bundle: str, *, published: str = "", by: str = "") -> PublishedPackage:
    """Publish a bundle of a project of this home on its deployer. Raises Conflict when it is there already."""
    from penstock.deploy import bundles

    return _publish(
        node, "project", project, bundles.archive(node, project, bundle), published=published, by=by
    )


def service_version(
    node: Node, project: str, service: str, version: str, *, published: str = "", by: str = ""
) -> PublishedPackage:
    """Publish a version of an API service of a project of this home on its deployer."""
    from penstock.deploy import services

    file = services.archive(node, project, service, version)
    return _publish(node, "service", project, file, published=published, by=by)


def change(node: Node, sort: Sort, name: str, definition: Mapping[str, Any], *, by: str = "") -> Published:
    """Owner, rights, words about it. What was published is not changed here."""
    rights.require(node, DeployRight.ADMIN, sort, name, by=by)
    before: Published = node.deployer.get(sort, name)
    from penstock.core import registry

    words = {key: value for key, value in definition.items() if key != "packages"}
    after = registry.validate(Published, {**words, "packages": before.packages})
    node.deployer.save(
        sort, name, after, author=by or node.config.user, message=f"Change published {sort} {name}"
    )
    return after


def delete(node: Node, sort: Sort, name: str, *, by: str = "") -> None:
    """Remove a published project or service with all its packages. Raises Refused while it is deployed."""
    rights.require(node, DeployRight.ADMIN, sort, name, by=by)
    used = deployments_of(node, sort, name)
    if used:
        raise Refused(
            f"Published {sort} {name} is not deleted: {', '.join(used)} deploys it.",
            hint="Delete its deployments first.",
        )
    gone: Published = node.deployer.get(sort, name)
    node.deployer.save(sort, name, None, author=by or node.config.user, message=f"Delete {sort} {name}")
    _sweep(node, gone.packages)
    audit.note(node, f"{sort}-unpublish", object=f"{sort}:{name}", by=by)


def delete_package(node: Node, sort: Sort, name: str, package: str, *, by: str = "") -> None:
    """Remove one package. Raises Refused for one that a deployment uses."""
    rights.require(node, DeployRight.WRITE, sort, name, by=by)
    with node.deployer.turn():
        published: Published = node.deployer.get(sort, name)
        gone = published.package(package)
        using = [id for id in deployments_of(node, sort, name) if package in _used(node, sort, id)]
        if using:
            raise Refused(f"Version {package} of {name} is not deleted: {', '.join(using)} uses it.")
        kept = tuple(p for p in published.packages if p.id != package)
        node.deployer.save(
            sort, name, published.changed(packages=kept), author=by or node.config.user,
            message=f"Delete {package} of {name}",
        )  # fmt: skip
    _sweep(node, [gone])


def archive_of(node: Node, sort: Sort, name: str, package: str) -> Path:
    """The archive of something published, for the node it goes to."""
    found: Published = node.deployer.get(sort, name)
    return node.blobs.path(found.package(package).blob)


def deployments_of(node: Node, sort: Sort, name: str) -> list[str]:
    """Ids of the deployments of something published."""
    of: Any = "deployment" if sort == "project" else "service_deployment"
    return [id for id in node.deployer.names(of) if node.deployer.get(of, id).published == name]


def read_manifest(source: Path) -> dict[str, Any]:
    """The manifest of an archive. Raises Unsafe for one that is none."""
    with archive.read(source) as opened:
        text = opened.content(MANIFEST)
    try:
        found = json.loads(text)
    except ValueError as error:
        raise Unsafe(f"{source.name} has no readable manifest.") from error
    if not isinstance(found, dict):
        raise Unsafe(f"{source.name} has no readable manifest.")
    return found


def identity(manifest: Mapping[str, Any]) -> tuple[Sort, str, str]:
    """Bundle or service, its own name, its id."""
    if manifest.get("service") and manifest.get("version"):
        return "service", str(manifest["service"]), str(manifest["version"])
    project, id = manifest.get("project"), manifest.get("bundle")
    if not (project and id):
        raise Unsafe("This archive is neither a bundle nor a version of a service.")
    return "project", str(project), str(id)


def _publish(
    node: Node, sort: Sort, project: str, file: Path, *, published: str, by: str
) -> PublishedPackage:
    who = rights.asker(node, by)
    if who is not None:
        people.require(node, who, Permission.WRITE, project)
    origin = {"project": project, "design_node": node.config.node_name, "url": node.config.base_url}
    remote = nodes.deployer(node)
    if remote is None:
        return receive(node, [file], sort=sort, published=published, by=by, **origin)
    with tempfile.TemporaryDirectory(prefix="penstock-") as place:
        sent = Path(place) / f"{sort}.zip"
        shutil.copyfile(file, sent)
        query = {"sort": sort, "published": published, **origin}
        told = remote.send("deployer", "archives", files=[sent], query=query)
    return PublishedPackage.model_validate(told)


def _keep(node: Node, sort: Sort, name: str, made: PublishedPackage, *, by: str) -> None:
    if name in node.deployer.names(sort):
        rights.require(node, DeployRight.WRITE, sort, name, by=by)
        before: Published = node.deployer.get(sort, name)
    else:
        rights.require_manager(node, by=by, what=f"publish a new {sort}, {name}")
        before = Published(owner=by)
    if made.id in {package.id for package in before.packages}:
        raise Conflict(
            f"{name} has a published version {made.id} already; what is published never changes.",
            hint="Give the new one another id.",
        )
    after = before.changed(packages=(*before.packages, made))
    node.deployer.save(
        sort, name, after, author=by or node.config.user, message=f"Publish {made.id} of {name}"
    )


def _one(sources: Sequence[Path]) -> Sequence[Path]:
    if len(sources) != 1:
        raise Invalid("Send one archive at a time.")
    return sources


def _used(node: Node, sort: Sort, id: str) -> set[str]:
    """Packages that a deployment names, or that are there now."""
    of: Any = "deployment" if sort == "project" else "service_deployment"
    found = node.deployer.get(of, id)
    named = {found.bundle} if sort == "project" else set(found.mapping.generations)
    return named | {u.package for u in node.deployer.updates(id, limit=1) if u.worked}


def _sweep(node: Node, gone: Sequence[PublishedPackage]) -> None:
    """Archives that nothing published refers to any more."""

    def referred(hash: str) -> bool:
        sorts: tuple[Sort, ...] = ("project", "service")
        return any(
            p.blob == hash for sort in sorts for n in node.deployer.names(sort)
            for p in node.deployer.get(sort, n).packages
        )  # fmt: skip

    for package in gone:
        if not referred(package.blob):
            node.blobs.delete(package.blob)
