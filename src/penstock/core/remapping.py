"""Remapping: which connection of this node stands for one that a project names, and why it cannot. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from penstock.core.errors import (
    ConnectionMissing,
    ConnectionNotAllowed,
    ConnectionNotWritable,
    ConnectionTypeDiffers,
    ConnectionWrongType,
    PenstockError,
)
from penstock.core.names import connections_in

if TYPE_CHECKING:
    from penstock.core.connection import Connection
    from penstock.core.kind import Definition
    from penstock.core.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One connection that a project names, and what it must be able to do."""

    name: str
    by: tuple[str, ...]
    """The objects that name it."""
    writes: bool = False
    """A managed dataset lives there: recipes write to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The connections of a node as one person sees them."""

    connections: Mapping[str, Connection]
    user: str = ""
    """Who is asking; nobody is refused when empty."""
    groups: Sequence[str] = ()
    types: Mapping[str, str] = field(default_factory=dict)
    """What the connections were where the project comes from, as far as it is told: name → type."""


def needs(project: Project) -> list[Need]:
    """Every connection that datasets, folders, recipes and scenarios of a project name, in order of their names."""
    named: dict[str, list[str]] = {}
    writing: set[str] = set()
    for item, definition in _objects(project):
        for _, connection in connections_in(definition):
            named.setdefault(connection, []).append(item)
            if getattr(definition, "MANAGED", False):
                writing.add(connection)
    return [
        Need(name=name, by=tuple(dict.fromkeys(by)), writes=name in writing)
        for name, by in sorted(named.items())
    ]


def problems(needed: Iterable[Need], mapping: Mapping[str, str], known: Known) -> list[PenstockError]:
    """What is wrong with each connection that a project would use: missing, of another type, not for this person,
    not writable. None when all is well."""
    found = (_problem(need, mapping.get(need.name, need.name), known) for need in needed)
    return [problem for problem in found if problem is not None]


def remapped(definition: Definition, mapping: Mapping[str, str]) -> Definition:
    """A definition that names the connections it is given instead of its own; itself when nothing changes."""
    places = [(path, mapping[name]) for path, name in connections_in(definition) if name in mapping]
    if not places:
        return definition
    changed: Definition = _with(definition, places)
    return changed


def _problem(need: Need, target: str, known: Known) -> PenstockError | None:
    connection = known.connections.get(target)
    if connection is None:
        return ConnectionMissing(need.name, target, by=need.by, among=known.connections)
    wanted = known.types.get(need.name) or _type(known.connections.get(need.name))
    if wanted and wanted != (found := connection.kind_name()):
        is_same = target == need.name
        return (
            ConnectionTypeDiffers(target, wanted=wanted, found=found)
            if is_same
            else ConnectionWrongType(need.name, target, wanted=wanted, found=found)
        )
    if need.writes and not hasattr(connection, "managed_datasets"):
        return ConnectionWrongType(
            need.name, target, wanted="one that keeps rows", found=connection.kind_name()
        )
    if known.user and not connection.allows(known.user, known.groups):
        return ConnectionNotAllowed(target, user=known.user)
    if need.writes and not (
        getattr(connection, "writable", False) and getattr(connection, "managed_datasets", False)
    ):
        return ConnectionNotWritable(target, by=need.by)
    return None


def _type(connection: Connection | None) -> str:
    return connection.kind_name() if connection is not None else ""


def _objects(project: Project) -> Iterator[tuple[str, Any]]:
    for among in (project.datasets, project.folders, project.recipes, project.scenarios):
        yield from among.items()


def _with(definition: Any, places: Sequence[tuple[tuple[str | int, ...], str]]) -> Any:
    """A copy with some texts replaced, however deep they stand."""
    if len(places) == 1 and not places[0][0]:
        return places[0][1]
    by_step: dict[str | int, list[tuple[tuple[str | int, ...], str]]] = {}
    for path, name in places:
        by_step.setdefault(path[0], []).append((path[1:], name))
    if isinstance(definition, tuple | list):
        return type(definition)(
            _with(item, by_step[i]) if i in by_step else item for i, item in enumerate(definition)
        )
    if isinstance(definition, dict):
        return {k: _with(item, by_step[k]) if k in by_step else item for k, item in definition.items()}
    return definition.changed(
        **{str(f): _with(getattr(definition, str(f)), deeper) for f, deeper in by_step.items()}
    )
