"""A service as it stands now, packed: what a version freezes, and what test queries are asked of."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core import lookup_file
from penstock.core import package as packages
from penstock.core.connection import Database
from penstock.core.environment import BUILTIN
from penstock.core.errors import ColumnMissing, Invalid, Refused
from penstock.core.package import (
    LIBRARY,
    OPENAPI,
    PackageManifest,
    PackedEnvironment,
    PackedFeature,
    PackedLookup,
    PackedModel,
)
from penstock.core.service import Endpoint, Lookup
from penstock.core.variables import expand_text
from penstock.deploy import openapi
from penstock.runtime import datasets, keepers, variables
from penstock.runtime import environments as code_environments

if TYPE_CHECKING:
    from penstock.core.archive import Source
    from penstock.core.model import ModelVersion
    from penstock.core.node import Node
    from penstock.core.project import Project

NEEDED = ("numpy", "pyarrow", "lightgbm", "scikit-learn", "skops", "onnxruntime", "pandas", "scipy")
"""Packages that a model may need to be opened."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A package that is no archive yet: its manifest, and name → file or bytes of the rest."""

    manifest: PackageManifest
    members: Mapping[str, Source]

    def unpacked(self, folder: Path) -> Path:
        """The package as a node has it after unpacking; what lies in files already is linked."""
        for name, source in self.members.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(source, Path):
                target.symlink_to(source.absolute())
            else:
                target.write_bytes(source)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "manifest.json").write_text(json.dumps(plain(self.manifest)), encoding="utf-8")
        return folder


def plain(manifest: PackageManifest) -> dict[str, Any]:
    """The manifest as JSON values, defaults too: a node that is newer or older reads what is meant."""
    return manifest.model_dump(mode="json", by_alias=True)


def pack(
    node: Node, project: str, service: str, version: str, work: Path, *, notes: str = "", author: str = "",
    only: str = "",
) -> Packed:  # fmt: skip
    """Everything of a version, big files in `work`. With `only`, one endpoint of it. Raises NoActiveVersion, Refused
    for what cannot be served, and when a sealed secret would get in."""
    loaded = node.projects.load(project)
    defined = loaded.service(service)
    endpoints = tuple(_resolved(loaded, e) for e in defined.endpoints if only in ("", e.name))
    if not endpoints:
        raise Invalid(f"Service {service} has no endpoint.", hint="Add one before a version is made.")
    models = {e.name: _model(node, loaded, e) for e in endpoints if e.MODEL}
    members: dict[str, Source] = {}
    for endpoint, (_, files) in models.items():
        members |= {f"{packages.model_folder(endpoint)}/{name}": file for name, file in _files(files)}
    lookups = _lookups(node, loaded, endpoints, work, members)
    members |= {f"{LIBRARY}/{name}": file for name, file in _files(loaded.path / "lib")}
    environments = _environments(node, loaded, endpoints, members)
    commits = node.projects.history(project, limit=1)
    manifest = PackageManifest(
        service=service, version=version, project=project, node=node.config.node_name, title=defined.title,
        description=defined.description or defined.short_description, release_notes=notes,
        created_at=node.clock.now().isoformat(), created_by=author, commit=commits[0].id if commits else "",
        endpoints=endpoints, access=defined.access, openapi=defined.openapi,
        models={name: packed for name, (packed, _) in models.items()}, lookups=lookups,
        connections=_connections(node, endpoints, lookups),
        environment=_environment(files for _, files in models.values()), environments=environments,
    )  # fmt: skip
    if defined.openapi:
        members[OPENAPI] = json.dumps(openapi.document(manifest), indent=1).encode()
    _check_secrets(node, manifest, members)
    return Packed(manifest, members)


def _model(node: Node, project: Project, endpoint: Endpoint) -> tuple[PackedModel, Path]:
    """The version that is active now, and its files."""
    name = str(getattr(endpoint, "model", ""))
    project.model(name)
    key, model = project.home_of(name)
    version = node.models.version(key, model)
    files = node.models.files(key, model, version.id)
    told = json.loads((files / "manifest.json").read_text(encoding="utf-8"))
    _check_task(endpoint, name, version)
    features = (
        _series(told["design"])
        if version.prediction_type == "forecast"
        else tuple(PackedFeature(name=f["name"], type=f["trained"]) for f in told["preparation"]["features"])
    )
    packed = PackedModel(
        model=name, version=version.id, full_id=version.full_id, name=version.name, classes=version.classes,
        prediction_type=version.prediction_type, target=version.target, features=features,
    )  # fmt: skip
    return packed, files


def _check_task(endpoint: Endpoint, name: str, version: ModelVersion) -> None:
    """Raise Refused when this sort of endpoint cannot answer with this sort of model."""
    if (version.prediction_type == "forecast") != endpoint.FORECASTS:
        does = "continues series in time" if version.prediction_type == "forecast" else "predicts single rows"
        wanted = "forecast" if version.prediction_type == "forecast" else "prediction"
        raise Refused(
            f"Endpoint {endpoint.name} cannot answer with {name}, which {does}.",
            hint=f"Use the type {wanted}.",
        )


def _series(design: Mapping[str, Any]) -> tuple[PackedFeature, ...]:
    """The columns of a forecast: its time, what names a series, its target, its externals."""
    kinds = [
        ("instant", [design["time"]]),
        ("text", design.get("series", ())),
        ("number", [design["target"]]),
    ]
    kinds.append(("number", design.get("externals", ())))
    return tuple(
        PackedFeature.model_validate({"name": n, "type": kind}) for kind, names in kinds for n in names
    )


def model_of(node: Node, project: Project, endpoint: Endpoint) -> PackedModel:
    """The version of its model that an endpoint would answer with now."""
    return _model(node, project, endpoint)[0]


def _lookups(
    node: Node, project: Project, endpoints: Iterable[Endpoint], work: Path, members: dict[str, Source]
) -> dict[str, PackedLookup]:
    wanted: dict[tuple[str, str], list[Lookup]] = {}
    for endpoint in endpoints:
        for lookup in endpoint.lookups():
            wanted.setdefault((lookup.dataset, lookup.mode), []).append(lookup)
    found = {}
    for (dataset, mode), lookups in wanted.items():
        if mode == "bundled":
            file = work / f"{dataset}.sqlite"
            found[f"{dataset}:{mode}"] = _bundled(node, project.key, dataset, lookups, file)
            members[packages.lookup_file(dataset)] = file
        else:
            found[f"{dataset}:{mode}"] = _referenced(node, project, dataset)
    return found


def _bundled(node: Node, project: str, dataset: str, lookups: Sequence[Lookup], file: Path) -> PackedLookup:
    """The columns that are asked for and the keys, or all of them."""
    every = any(not lookup.columns for lookup in lookups)
    keys = [[key.column for key in lookup.keys] for lookup in lookups]
    taken = [column.column for lookup in lookups for column in lookup.columns]
    names = () if every else tuple(dict.fromkeys([*(k for part in keys for k in part), *taken]))
    with datasets.streamed(node, project, dataset, names) as (columns, rows):
        _check_columns(dataset, [c.name for c in columns], [*(k for part in keys for k in part), *taken])
        count = lookup_file.write(file, columns, rows, keys=keys)
    return PackedLookup(dataset=dataset, mode="bundled", columns=columns, rows=count)


def _referenced(node: Node, project: Project, dataset: str) -> PackedLookup:
    """The table behind a dataset in a database. Raises Refused for others."""
    found = project.dataset(dataset)
    connection = found.database()
    if not connection or not isinstance(node.connections.get(connection), Database):
        raise Refused(
            f"Dataset {dataset} lies in no database, so that a node cannot ask it.", hint="Bundle its rows."
        )
    table, schema = getattr(found, "table", ""), getattr(found, "db_schema", "")
    if found.MANAGED:
        named = keepers.table_of(node, project, dataset)
        table, schema = named.table, named.schema
    if not table:
        raise Refused(f"Dataset {dataset} is no table but a query.", hint="Bundle its rows.")
    values = variables.resolve(node, project)
    own = str(getattr(node.connections.get(connection), "db_schema", ""))
    return PackedLookup(
        dataset=dataset, mode="referenced", columns=_columns(node, project, dataset), connection=connection,
        table=expand_text(table, values), db_schema=expand_text(schema, values) or own,
    )  # fmt: skip


def _columns(node: Node, project: Project, dataset: str) -> Any:
    with datasets.streamed(node, project.key, dataset) as (columns, _):
        return columns


def _check_columns(dataset: str, there: Sequence[str], wanted: Iterable[str]) -> None:

    for name in wanted:
        if name not in there:
            raise ColumnMissing(name, dataset=dataset, near=there, needed_by="A lookup")


def _connections(
    node: Node, endpoints: Iterable[Endpoint], lookups: Mapping[str, PackedLookup]
) -> dict[str, str]:
    names = {name for endpoint in endpoints for name in endpoint.connections()}
    names |= {lookup.connection for lookup in lookups.values() if lookup.connection}
    found = {name: node.connections.get(name) for name in sorted(names)}
    for name, connection in found.items():
        if not isinstance(connection, Database) or not connection.MARKER:
            raise Refused(
                f"Connection {name} cannot be asked by an endpoint: it is of type {connection.kind_name()}."
            )
    return {name: connection.kind_name() for name, connection in found.items()}


def _environment(models: Iterable[Path]) -> PackedEnvironment:
    """What the models were made with; code of endpoints runs beside them."""
    installed: dict[str, str] = {}
    for files in models:
        told = json.loads((files / "manifest.json").read_text(encoding="utf-8"))
        installed |= {
            n: v for n, v in told.get("packages", {}).items() if n.lower().replace("_", "-") in NEEDED
        }
    requested = tuple(f"{name}=={version}" for name, version in sorted(installed.items()))
    return PackedEnvironment(python=platform.python_version(), requested=requested, installed=installed)


def _resolved(project: Project, endpoint: Endpoint) -> Endpoint:
    """An endpoint that says itself in which code environment it runs: the project's when it names none."""
    if not hasattr(endpoint, "code_environment"):
        return endpoint
    chosen = endpoint.code_environment or project.settings.code_environment
    return endpoint.changed(code_environment="" if chosen == BUILTIN else chosen)


def _environments(
    node: Node, project: Project, endpoints: Iterable[Endpoint], members: dict[str, Source]
) -> dict[str, PackedEnvironment]:
    """The code environments of functions; their wheels go along, so that a node without a network builds them."""
    found = {}
    for name in sorted({getattr(e, "code_environment", "") for e in endpoints} - {""}):
        version = code_environments.version_for(node, name, project.key)
        local = code_environments.local_name(node, project.key, name)
        wheels = node.environments.wheels(local, version.id)
        members |= {f"{packages.environment_folder(name)}/{wheel.name}": wheel for wheel in wheels}
        pairs = (line.partition("==") for line in version.actual)
        found[name] = PackedEnvironment(
            name=name, python=version.python, requested=version.requested,
            installed={package: number for package, _, number in pairs},
        )  # fmt: skip
    return found


def _check_secrets(node: Node, manifest: PackageManifest, members: Mapping[str, Source]) -> None:
    """Raise Refused when a value that is sealed on this node stands in something people wrote."""
    texts = {"its settings": json.dumps(plain(manifest), ensure_ascii=False)}
    for name, source in members.items():
        if name.startswith(f"{LIBRARY}/") and isinstance(source, Path):
            texts[name] = source.read_bytes().decode("utf-8", errors="replace")
    for name, text in texts.items():
        if node.secrets.mask(text) != text:
            raise Refused(
                f"A secret of this node stands in {name}; packages never hold one.",
                hint="Use a connection, whose secrets stay on each node.",
            )


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files below a folder by their paths in it, without what Python left there."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        hidden = any(part.startswith(".") or part == "__pycache__" for part in name.parts)
        if path.is_file() and not hidden and not path.is_symlink():
            yield name.as_posix(), path
