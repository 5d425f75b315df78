"""Material: everything the chapters look at, looked at once; and what each object is stamped with."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from penstock.core import bundle
from penstock.core.access import People
from penstock.core.bundle import BundleManifest
from penstock.core.deployment import Deployment, Infrastructure, ServiceDeployment
from penstock.core.document import Block, Generated, Question, Source, Span
from penstock.core.documented import Stamp, short_hash, stamp
from penstock.core.errors import NotFound, PenstockError
from penstock.core.flow import Flow
from penstock.core.kind import Definition
from penstock.core.metric import ObjectKey
from penstock.core.model import ModelVersion
from penstock.core.package import ServiceVersion
from penstock.core.plugin import GROUP
from penstock.core.project import FOLDERS, Project
from penstock.runtime import code_environment, environments, placing, plugins
from penstock.runtime.subject import key_of

if TYPE_CHECKING:
    from penstock.core.connection import Connection
    from penstock.core.node import Node

GOALS = ("title", "short_description", "description", "goals", "people", "tags")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One article of the project wiki: what stands in it by itself, and what is asked of people."""

    name: str
    title: str
    parent: str = ""
    about: str = ""
    """The object that every part of it stands on, as `sort:name`."""
    blocks: tuple[Block, ...] = ()
    attachments: Mapping[str, bytes] = field(default_factory=dict)
    costly: Mapping[str, tuple[str, Callable[[], bytes]]] = field(default_factory=dict)
    """Attachments that are made only when an object changed: name → the object, and how it is made."""


def part(name: str, *blocks: Block, on: Sequence[str] = ()) -> Generated:
    """A generated part. It stands on `on`, and on every object that it has a link to."""
    return Generated(name=name, blocks=blocks, sources=tuple(Source(object=one) for one in on))


def ask(text: str, hint: str = "") -> Question:
    """Something only a person knows."""
    return Question(text, hint)


def to(sort: str, name: str, words: str = "") -> tuple[Span, ...]:
    """A link to an object, as a cell or a line of its own."""
    return (Span(words or name, to=f"{sort}:{name}"),)


def in_code(id: str) -> tuple[Span, ...]:
    """The name of a bundle or version in a cell of its own: in the letters of code, for it may be as short as `v`."""
    return (Span(id, code=True),)


def several(links: Sequence[tuple[Span, ...]], empty: str = "–") -> tuple[Span, ...]:
    """Links in a row, with commas."""
    found: list[Span] = []
    for position, one in enumerate(links):
        found += [Span(", ")] if position else []
        found += one
    return tuple(found) or (Span(empty),)


class Material:
    """One project as chapters see it. Everything is read at most once."""

    def __init__(self, node: Node, project: str) -> None:
        self.node, self.key = node, project
        self.project: Project = node.projects.load(project)
        self._files: dict[str, Mapping[str, bytes]] = {}

    # looked at ----------------------------------------------------------------------------------------------------

    @cached_property
    def flow(self) -> Flow:
        return Flow.of(self.project)

    @cached_property
    def people(self) -> People:
        return self.node.users.people(self.key)

    @cached_property
    def environment(self) -> code_environment.CodeEnvironment:
        return code_environment.show(self.node)

    @cached_property
    def environments(self) -> Mapping[str, environments.EnvironmentShown]:
        """The code environments with packages of their own that the project's code runs in."""
        return {shown.name: shown for shown in environments.of_project(self.node, self.key)}

    @cached_property
    def connections(self) -> Mapping[str, Connection]:
        return placing.connections(self.node)

    @cached_property
    def bundles(self) -> Sequence[BundleManifest]:
        """Newest first."""
        ids = reversed(self.node.bundles.listed(self.key, "made"))
        return [bundle.read_manifest(self.node.bundles.path(self.key, "made", id)) for id in ids]

    @cached_property
    def deployments(self) -> Mapping[str, Deployment]:
        """Of bundles of this project."""
        found = {
            id: self.node.deployer.get("deployment", id) for id in self.node.deployer.names("deployment")
        }
        return {id: one for id, one in found.items() if one.published == self.key}

    @cached_property
    def service_deployments(self) -> Mapping[str, ServiceDeployment]:
        """Of services that this project publishes."""
        mine = set(self.project.services)
        names = self.node.deployer.names("service_deployment")
        found: dict[str, ServiceDeployment] = {
            id: self.node.deployer.get("service_deployment", id) for id in names
        }
        return {id: one for id, one in found.items() if one.published in mine or self._is_ours(one.published)}

    def _is_ours(self, published: str) -> bool:
        try:
            told = self.node.deployer.get("service", published)
        except NotFound:
            return False
        return any(package.source.project == self.key for package in told.packages)

    @cached_property
    def infrastructures(self) -> Mapping[str, Infrastructure]:
        """Those that something of this project goes to; every one of the deployer while nothing is deployed."""
        used = {one.infrastructure for one in self.deployments.values()}
        used |= {one.infrastructure for one in self.service_deployments.values()}
        names = sorted(used) or self.node.deployer.names("infrastructure")
        known = set(self.node.deployer.names("infrastructure"))
        return {name: self.node.deployer.get("infrastructure", name) for name in names if name in known}

    def versions(self, model: str) -> Sequence[ModelVersion]:
        return self.node.models.versions(self.key, model)

    def active(self, model: str) -> ModelVersion | None:
        id = self.node.models.active(self.key, model)
        return next((one for one in self.versions(model) if one.id == id), None) if id else None

    def service_versions(self, service: str) -> Sequence[ServiceVersion]:
        return self.node.packages.versions(self.key, service)

    def object_key(self, item: str) -> ObjectKey:
        return key_of(self.project, item)

    def snapshot(self, dataset: str) -> Any:
        """What a managed dataset holds now; None for others, and before it was built."""
        if dataset not in self.project.datasets or not self.project.datasets[dataset].MANAGED:
            return None
        try:
            return self.node.data.snapshot(self.key, dataset)
        except PenstockError:
            return None

    def plugins(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Plugin → its version and the objects, as `sort:name`, that use one of its kinds."""
        return self._plugins

    @cached_property
    def _plugins(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        versions = {
            point.name: point.dist.version if point.dist else "" for point in entry_points(group=GROUP)
        }
        users: dict[str, dict[str, None]] = {}
        for one in plugins.usages_in(self.project):
            if one.sort in FOLDERS:
                users.setdefault(one.kind.partition(".")[0], {})[f"{one.sort}:{one.name}"] = None
        return {name: (versions.get(name, ""), tuple(found)) for name, found in sorted(users.items())}

    def files_at(self, commit: str) -> Mapping[str, bytes]:
        """Every file of the project at a commit; nothing for one that is not known here."""
        if commit not in self._files:
            try:
                self._files[commit] = self.node.projects.files_at(self.key, commit)
            except PenstockError:
                self._files[commit] = {}
        return self._files[commit]

    def edges(self) -> dict[str, Any]:
        """What the Flow looks like: its objects with their kinds and titles, its recipes with what they join."""
        items = {name: [type(one).__name__, one.title] for name, one in self.project.items.items()}
        recipes = {
            name: [type(one).__name__, one.title, one.reads, one.writes]
            for name, one in self.project.recipes.items()
        }
        return {
            **{f"object {n}": v for n, v in items.items()},
            **{f"recipe {n}": v for n, v in recipes.items()},
        }

    def objects(self) -> list[tuple[str, str, Definition]]:
        """Everything designed: sort, name, definition."""
        return [
            (sort, name, definition)
            for sort in FOLDERS
            for name, definition in getattr(self.project, f"{sort}s").items()
        ]

    def coded(self) -> list[str]:
        """The objects with code of their own, as `sort:name`."""
        return [
            f"{sort}:{name}"
            for sort, name, one in self.objects()
            if getattr(one, "BODY", "") == "py" or getattr(one, "body", "")
        ]

    def users(self, variable: str) -> list[str]:
        """The objects whose definition or code names a variable, as `sort:name`: as `${variable}`, as a key that is
        set, or in quotes in code. The same word in a description is no use of it."""
        name = re.escape(variable)
        defined = re.compile(rf'\$\{{{name}[|}}]|"{name}": |\\"{name}\\"')
        coded = re.compile(rf"\$\{{{name}[|}}]|[\"']{name}[\"']")
        return [
            f"{sort}:{object}"
            for sort, object, told, body in self._told
            if defined.search(told) or coded.search(body)
        ]

    @cached_property
    def _told(self) -> list[tuple[str, str, str, str]]:
        """Sort, name, definition and code of everything designed, as letters."""
        return [
            (sort, name, json.dumps(one.to_mapping(), ensure_ascii=False), str(getattr(one, "body", "")))
            for sort, name, one in self.objects()
        ]

    # stamps -------------------------------------------------------------------------------------------------------

    def stamp(self, object: str) -> Stamp | None:
        """What an object is now; None when it is gone."""
        sort, _, name = object.partition(":")
        if sort in FOLDERS:
            return self._defined(sort, name)
        maker = _STAMPS.get(sort)
        if maker is None:
            return None
        try:
            return maker(self, name)
        except NotFound:
            return None

    def _defined(self, sort: str, name: str) -> Stamp | None:
        found = getattr(self.project, f"{sort}s").get(name)
        if found is None:
            return None
        body = {"body": found.body} if getattr(found, "body", "") else {}
        return stamp({**found.to_mapping(), **body})

    def _settings(self, name: str) -> Stamp:
        settings = self.project.settings.to_mapping()
        fields = GOALS if name == "goals" else (name,)
        return stamp({field: settings.get(field) for field in fields})

    def _data(self, name: str) -> Stamp | None:
        if name not in self.project.datasets:
            return None
        held = self.snapshot(name)
        if held is None:
            return stamp({"rows": None})
        columns = [(c.name, c.type) for c in held.columns]
        return stamp({"rows": held.rows, "columns": columns}, held.id)

    def _versions(self, name: str) -> Stamp | None:
        if name not in self.project.models:
            return None
        facts = {one.id: [one.name, one.fingerprint, dict(one.labels)] for one in self.versions(name)}
        return stamp({"versions": facts}, self.node.models.active(self.key, name))

    def _values(self, name: str) -> Stamp | None:
        if name not in self.project.items:
            return None
        key = self.object_key(name)
        last = {id: str(value.get_value()) for id, value in self.node.metrics.last(key).items()}
        said = {id: str(one.verdict) for id, one in self.node.metrics.last_results(key).items()}
        return stamp({"metrics": last, "checks": said})

    def _connection(self, name: str) -> Stamp | None:
        found = self.connections.get(name)
        return None if found is None else stamp({"settings": short_hash(found.to_mapping())})

    def _environment(self, name: str) -> Stamp:
        found = environments.show(self.node, name)
        version = found.version
        actual = version.actual if version else ()
        return stamp({**found.definition.to_mapping(), "actual": actual}, version.id if version else "")

    def _deployer(self, sort: Any, name: str) -> Stamp | None:
        if name not in self.node.deployer.names(sort):
            return None
        return stamp(self.node.deployer.get(sort, name).to_mapping())


_STAMPS: dict[str, Callable[[Material, str], Stamp | None]] = {
    "settings": Material._settings,
    "data": Material._data,
    "versions": Material._versions,
    "values": Material._values,
    "connection": Material._connection,
    "names": lambda m, sort: stamp({"names": sorted(getattr(m.project, f"{sort}s"))}),
    "flow": lambda m, _: stamp(m.edges()),
    "zones": lambda m, _: stamp(m.project.zones.to_mapping()),
    "people": lambda m, _: stamp(
        {
            "owner": m.people.owner,
            "groups": {g: sorted(map(str, r)) for g, r in m.people.groups.items()},
            "users": {u: sorted(map(str, r)) for u, r in m.people.users.items()},
        }
    ),
    "uses_of_variables": lambda m, _: stamp(
        {name: m.users(name) for name in {*m.project.settings.variables, *m.project.local_variables}}
    ),
    "readers": lambda m, name: stamp({"recipes": sorted(m.flow.consumers.get(name, ()))}),
    "code": lambda m, _: stamp({"objects": m.coded()}),
    "environment": lambda m, _: stamp(
        {"packages": [(p.name, p.version) for p in m.environment.packages]}, m.environment.python
    ),
    "code_environment": Material._environment,
    "plugins": lambda m, _: stamp({name: list(told) for name, told in m.plugins().items()}),
    "bundles": lambda m, _: stamp({one.bundle: one.commit for one in m.bundles}),
    "deployments": lambda m, _: stamp(
        {
            "deployments": sorted([*m.deployments, *m.service_deployments]),
            "infrastructures": sorted(m.infrastructures),
        }
    ),
    "deployment": lambda m, name: m._deployer("deployment", name),
    "service_deployment": lambda m, name: m._deployer("service_deployment", name),
    "infrastructure": lambda m, name: m._deployer("infrastructure", name),
    "updates": lambda m, name: stamp(
        {one.id: str(one.state) for one in m.node.deployer.updates(name, limit=20)}
    ),
    "service_versions": lambda m, name: stamp({one.version: one.sha256 for one in m.service_versions(name)}),
}
