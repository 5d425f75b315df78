"""Sharing: which objects other projects read, who reads them there, and what others share with this one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from penstock.core import access, sharing
from penstock.core.access import Permission
from penstock.core.errors import Invalid, NotFound
from penstock.core.names import ItemType, owner_of
from penstock.core.project import SETTINGS_FILE, Project
from penstock.core.sharing import Share
from penstock.runtime import audit, people, users

if TYPE_CHECKING:
    from penstock.core.access import Identity
    from penstock.core.node import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One object that other projects read."""

    name: str
    sort: ItemType
    read_by: Mapping[str, tuple[str, ...]]
    """Project → its recipes that read it; none yet where it is only there to be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One object that another project shares with this one."""

    name: str
    """`KEY.name`, as recipes name it here."""
    sort: ItemType
    project: str
    title: str
    recipes: tuple[str, ...]
    """Those that read it here."""


def shown(node: Node, project: str) -> list[Shown]:
    """What a project shares, and who reads it."""
    loaded = node.projects.load(project)
    there = set(node.projects.keys())
    return [
        Shown(
            name=share.name, sort=loaded.item_type(share.name),
            read_by={
                key: _readers(node.projects.load(key), f"{project}.{share.name}") if key in there else ()
                for key in share.projects
            },
        )
        for share in loaded.settings.shared if share.name in loaded.own_items
    ]  # fmt: skip


def received(node: Node, project: str) -> list[Received]:
    """What other projects share with this one."""
    loaded = node.projects.load(project)
    return [
        Received(
            name=name, sort=loaded.item_type(name), project=owner_of(name), title=item.title,
            recipes=_readers(loaded, name),
        )
        for name, item in loaded.foreign.items()
    ]  # fmt: skip


def share(node: Node, project: str, name: str, projects: Sequence[str] = (), *, by: str) -> list[Shown]:
    """Let other projects read a dataset, folder or model, in place of those that did, as one commit; with no project
    nobody does any more. Raises Invalid for what cannot be shared, NotFound for a project nobody knows."""
    loaded = node.projects.load(project)
    who = users.identity(node, by)
    access.require(who, Permission.SHARE, node.users.people(project))
    chosen = tuple(dict.fromkeys(projects))
    flaw = sharing.flaw(loaded, name) if chosen or name not in _names(loaded) else ""
    if flaw:
        raise Invalid(flaw)
    for key in chosen:
        if key == project:
            raise Invalid("A project reads its own objects anyway.", hint="Name another project.")
        if not people.may(node, who, Permission.DISCOVER, key) or key not in set(node.projects.keys()):
            raise NotFound("project", key)
    others = [s for s in loaded.settings.shared if s.name != name]
    entry = [Share(name=name, projects=chosen)] if chosen else []
    settings = loaded.settings.changed(shared=(*others, *entry))
    said = f"Share {name} with {', '.join(chosen)}" if chosen else f"Stop sharing {name}"
    node.projects.save(project, {SETTINGS_FILE: settings}, author=by, message=said)
    audit.note(
        node, "project-shared-objects-change", project=project, by=by, object=f"{_sort(loaded, name)}:{name}",
        projects=list(chosen),
    )  # fmt: skip
    return shown(node, project)


def shareable(node: Node, project: str) -> list[tuple[ItemType, str]]:
    """(sort, name) of everything that can be shared."""
    loaded = node.projects.load(project)
    return [(loaded.item_type(name), name) for name in loaded.own_items if not sharing.flaw(loaded, name)]


def targets(node: Node, project: str, *, who: Identity) -> list[str]:
    """Keys of the other projects that somebody knows of."""
    keys = node.projects.keys()
    return [key for key in keys if key != project and people.may(node, who, Permission.DISCOVER, key)]


def _names(project: Project) -> set[str]:
    return {share.name for share in project.settings.shared}


def _sort(project: Project, name: str) -> str:
    return project.item_type(name) if name in project.items else "object"


def _readers(project: Project, name: str) -> tuple[str, ...]:
    return tuple(recipe for recipe, found in project.recipes.items() if name in found.reads)
