"""API services of a project: define them, give keys, make versions, look at them."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core import archive as archives
from penstock.core import package as packages
from penstock.core import registry
from penstock.core.errors import Conflict, Invalid, NotFound, PenstockError
from penstock.core.names import check_name
from penstock.core.package import PackageManifest, ServiceVersion
from penstock.core.project import file_of
from penstock.core.service import KEY_BEGINNING, ApiService, Endpoint, ServiceKey, hashed
from penstock.core.signing import MANIFEST, write_signed
from penstock.deploy import openapi
from penstock.deploy import service_packing as packing
from penstock.runtime import audit

if TYPE_CHECKING:
    from penstock.core.node import Node

NEXT_BASE = "v"
LONGEST_DAYS = 36_500


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedService:
    """A service as lists show it."""

    name: str
    title: str
    short_description: str
    endpoints: Mapping[str, str]
    """Endpoint → its type."""
    access: str
    versions: int
    newest: str
    """Id of the newest version; empty when there is none."""
    newest_at: datetime | None
    changed_by: str
    changed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedService:
    """A service as its page shows it."""

    name: str
    service: ApiService
    base: str
    """The hash of its file, to hand back when it is saved."""
    versions: Sequence[ServiceVersion]


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeKey:
    """A new key with its secret, which is shown this once and kept nowhere."""

    id: str
    label: str
    secret: str
    expires_at: str


def listing(node: Node, project: str) -> list[ListedService]:
    """Every service of a project, by name."""
    found = node.projects.load(project).services
    return [_listed(node, project, name, found[name]) for name in sorted(found)]


def show(node: Node, project: str, service: str) -> OpenedService:
    """Raises NotFound with the nearest name."""
    found = node.projects.load(project).service(service)
    base = node.projects.read(project, file_of("service", service))[1]
    return OpenedService(
        name=service, service=found, base=base, versions=node.packages.versions(project, service)
    )


def create(node: Node, project: str, title: str, *, author: str, name: str = "", model: str = "") -> str:
    """A service, empty or with an endpoint that predicts with a model; its name, made from the title unless given."""
    made = check_name(name or re.sub(r"\W+", "_", title.strip().lower()).strip("_")[:100] or "_")
    if made in node.projects.load(project).services:
        raise Conflict(f"There is a service '{made}' already.", hint="Open it, or choose another title.")
    definition: dict[str, Any] = {"title": title.strip()} if title.strip() != made else {}
    if model:
        definition["endpoints"] = [_answering(node, project, model)]
    save(node, project, made, definition, author=author)
    return made


def _answering(node: Node, project: str, model: str) -> dict[str, str]:
    """An endpoint that answers with a model: it forecasts when the model is designed to."""
    key, name = node.projects.load(project).home_of(model)
    found = node.projects.load(key).models.get(name)
    if found is not None and found.forecast is not None:
        return {"type": "forecast", "name": f"forecast_{name}", "model": model}
    return {"type": "prediction", "name": f"predict_{name}", "model": model}


def save(
    node: Node, project: str, service: str, definition: ApiService | Mapping[str, Any], *, author: str,
    base: str | None = None,
) -> ApiService:  # fmt: skip
    """Write a service, as one commit. Raises InvalidDefinition naming the field, SaveConflict."""
    parsed = definition if isinstance(definition, ApiService) else registry.validate(ApiService, definition)
    file = file_of("service", check_name(service))
    node.projects.save(
        project, {file: parsed}, author=author, message=f"Save API service {service}",
        base=None if base is None else {file: base},
    )  # fmt: skip
    return parsed


def delete(node: Node, project: str, service: str, *, author: str) -> None:
    """Remove a service, as one commit. Its versions stay until they are deleted, and so does what was deployed."""
    node.projects.load(project).service(service)
    node.projects.save(
        project, {file_of("service", service): None}, author=author, message=f"Delete API service {service}"
    )


# endpoints ------------------------------------------------------------------------------------------------------------


def save_endpoint(
    node: Node, project: str, service: str, endpoint: Mapping[str, Any], *, author: str, was: str = "",
    base: str | None = None,
) -> Endpoint:  # fmt: skip
    """Add an endpoint, or replace the one that `was` called so. Raises InvalidDefinition naming the field."""
    defined = node.projects.load(project).service(service)
    parsed = registry.parse("endpoints", endpoint)
    assert isinstance(parsed, Endpoint)
    if was:
        defined.endpoint(was)
        listed = tuple(parsed if e.name == was else e for e in defined.endpoints)
    else:
        listed = (*defined.endpoints, parsed)
    save(node, project, service, defined.changed(endpoints=listed), author=author, base=base)
    return parsed


def change_endpoint(
    node: Node, project: str, service: str, endpoint: str, *, author: str, **fields: Any
) -> Endpoint:
    """Change some settings of an endpoint."""
    old = node.projects.load(project).service(service).endpoint(endpoint)
    return save_endpoint(
        node, project, service, old.changed(**fields).to_mapping(), author=author, was=endpoint
    )


def delete_endpoint(node: Node, project: str, service: str, endpoint: str, *, author: str) -> None:
    """Remove an endpoint; versions that were made keep it."""
    defined = node.projects.load(project).service(service)
    defined.endpoint(endpoint)
    kept = tuple(e for e in defined.endpoints if e.name != endpoint)
    save(node, project, service, defined.changed(endpoints=kept), author=author)


# keys -----------------------------------------------------------------------------------------------------------------


def create_key(
    node: Node, project: str, service: str, *, author: str, label: str = "", days: int = 0
) -> MadeKey:
    """A key that opens all endpoints of the versions made from now on; `days` until it expires, 0 = never. The first
    one also closes the service to whoever has none."""
    if not 0 <= days <= LONGEST_DAYS:
        raise Invalid(f"A key expires after 0 (never) to {LONGEST_DAYS} days, not {days}.")
    defined = node.projects.load(project).service(service)
    now = node.clock.now()
    secret = KEY_BEGINNING + secrets.token_urlsafe(32)
    expires = (now + timedelta(days=days)).isoformat() if days else ""
    key = ServiceKey(
        id=node.clock.new_id(), label=label, hash=hashed(secret), created_by=author, created_at=now.isoformat(),
        expires_at=expires,
    )  # fmt: skip
    access = defined.access.changed(method="api_keys", keys=(*defined.access.keys, key))
    save(node, project, service, defined.changed(access=access), author=author)
    audit.note(node, "service-key-create", project=project, object=f"service:{service}", key=key.id)
    return MadeKey(id=key.id, label=label, secret=secret, expires_at=expires)


def revoke_key(node: Node, project: str, service: str, key: str, *, author: str) -> None:
    """Take a key out: it opens no version that is made from now on. Others still work. Where a version with it is
    deployed, the deployment's own keys decide."""
    defined = node.projects.load(project).service(service)
    kept = tuple(k for k in defined.access.keys if k.id != key)
    if len(kept) == len(defined.access.keys):
        raise NotFound("key", key, among=[k.id for k in kept], where=f"service {service}")
    save(node, project, service, defined.changed(access=defined.access.changed(keys=kept)), author=author)
    audit.note(node, "service-key-delete", project=project, object=f"service:{service}", key=key)


def set_access(node: Node, project: str, service: str, method: str, *, author: str) -> None:
    """Open a service to everybody who reaches its node (`public`), or to its keys (`api_keys`)."""
    defined = node.projects.load(project).service(service)
    save(node, project, service, defined.changed(access=defined.access.changed(method=method)), author=author)


# versions -------------------------------------------------------------------------------------------------------------


def versions(node: Node, project: str, service: str) -> list[ServiceVersion]:
    """Newest first."""
    return node.packages.versions(project, service)


def version(node: Node, project: str, service: str, version: str) -> ServiceVersion:
    """Raises NotFound with the nearest id."""
    return node.packages.version(project, service, version)


def next_version(node: Node, project: str, service: str, *, base: str = NEXT_BASE) -> str:
    """An id that is free: v1, v2 …"""
    taken = {v.version for v in node.packages.versions(project, service)}
    return packages.numbered(base, taken | {base} if base == NEXT_BASE else taken)


def create_version(
    node: Node,
    project: str,
    service: str,
    version: str,
    *,
    author: str,
    release_notes: str = "",
    unique: bool = False,
) -> ServiceVersion:
    """Freeze a service as it stands: definitions, the model versions that are active now, bundled rows, the library.

    Signed, and never changed again. Raises Conflict for an id that is taken unless `unique` finds a free one behind
    it (`v`, `v1`, `v2` …), NoActiveVersion, Refused when a secret would get in.
    """
    packages.check_version(version)
    node.projects.settle(project, author=author)
    taken = {v.version for v in node.packages.versions(project, service)}
    chosen = packages.check_version(packages.numbered(version, taken)) if unique else version
    work = Path(node.config.home) / "work" / f"package-{node.clock.new_id()}"
    work.mkdir(parents=True)

    def write(file: Path) -> ServiceVersion:
        packed = packing.pack(node, project, service, chosen, work, notes=release_notes, author=author)
        write_signed(file, packing.plain(packed.manifest), packed.members, node.node_keys.sign)
        return _facts(packed.manifest, file)

    try:
        made = node.packages.put(project, service, chosen, write)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    audit.note(node, "service-version-create", project=project, object=f"service:{service}", version=chosen)
    return made


def delete_version(node: Node, project: str, service: str, version: str) -> None:
    """Remove a version from this node; what was published or deployed of it stays there."""
    node.packages.delete(project, service, version)
    audit.note(node, "service-version-delete", project=project, object=f"service:{service}", version=version)


def archive(node: Node, project: str, service: str, version: str) -> Path:
    """The package of a version, to be read."""
    return node.packages.archive(project, service, version)


def manifest(node: Node, project: str, service: str, version: str) -> PackageManifest:
    """What a version froze."""
    with archives.read(node.packages.archive(project, service, version)) as opened:
        return packages.read_manifest(opened.content(MANIFEST), where=f"version {version}")


def document(node: Node, project: str, service: str, version: str = "") -> dict[str, Any]:
    """The OpenAPI document of a version, or of the service as it stands; also while the service does not serve it."""
    if version:
        return openapi.document(manifest(node, project, service, version))
    return openapi.document(_sketch(node, project, service))


def samples(node: Node, project: str, service: str, endpoint: str, *, address: str = "") -> Mapping[str, str]:
    """How to ask an endpoint, as curl and as Python; `address` is that of a real-time node."""
    defined = node.projects.load(project).service(service)
    asked = defined.endpoint(endpoint)
    query = openapi.example(asked, _features(node, project, asked))
    keys = defined.access.method == "api_keys"
    return openapi.samples(service, asked, query, address=address or "http://API-NODE:7980", keys=keys)


def proposed(node: Node, project: str, service: str, endpoint: str) -> dict[str, Any]:
    """A question to begin with: the first test query, or one of the right form with nothing filled in."""
    asked = node.projects.load(project).service(service).endpoint(endpoint)
    return openapi.example(asked, _features(node, project, asked))


def _features(node: Node, project: str, endpoint: Endpoint) -> Sequence[str]:
    if not endpoint.MODEL:
        return ()
    try:
        return [f.name for f in packing.model_of(node, node.projects.load(project), endpoint).features]
    except PenstockError:
        return ()


def _sketch(node: Node, project: str, service: str) -> PackageManifest:
    """The manifest without packing any file."""
    loaded = node.projects.load(project)
    defined = loaded.service(service)
    models = {e.name: packing.model_of(node, loaded, e) for e in defined.endpoints if e.MODEL}
    return PackageManifest(
        service=service, version="", project=project, title=defined.title, description=defined.description,
        created_at="", endpoints=defined.endpoints, access=defined.access, models=models,
    )  # fmt: skip


def _facts(manifest: PackageManifest, file: Path) -> ServiceVersion:
    known = archives.member(file)
    return ServiceVersion(
        project=manifest.project, service=manifest.service, version=manifest.version, created_at=manifest.created_at,
        created_by=manifest.created_by, release_notes=manifest.release_notes, commit=manifest.commit,
        endpoints={e.name: e.kind_name() for e in manifest.endpoints}, connections=tuple(manifest.connections),
        models={name: model.full_id for name, model in manifest.models.items()}, access=manifest.access.method,
        openapi=manifest.openapi, size=known.size, sha256=known.sha256,
    )  # fmt: skip


def _listed(node: Node, project: str, name: str, defined: ApiService) -> ListedService:
    made = node.packages.versions(project, name)
    changed = node.projects.last_change(project, file_of("service", name))
    return ListedService(
        name=name, title=defined.title or name, short_description=defined.short_description,
        endpoints={e.name: e.kind_name() for e in defined.endpoints}, access=defined.access.method, versions=len(made),
        newest=made[0].version if made else "", newest_at=datetime.fromisoformat(made[0].created_at) if made else None,
        changed_by=changed[0] if changed else "", changed_at=changed[1] if changed else None,
    )  # fmt: skip
