"""Placing: where the recipes of a project run, asked with the connections of the node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from penstock.core import placement
from penstock.core.errors import InvalidDefinition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from penstock.core.connection import Connection
    from penstock.core.node import Node
    from penstock.core.placement import Placement
    from penstock.core.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOption:
    """One engine, and whether a recipe can run there."""

    engine: str
    """local, database, spark"""
    connection: str
    available: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineChoice:
    """Where a recipe runs, and why."""

    wish: str
    """What its definition asks for; auto = nothing."""
    engine: str
    connection: str
    available: bool
    """False: it asks for an engine that cannot run it, and a build of it fails with the reason."""
    reason: str
    engines: tuple[EngineOption, ...]
    """Every one, with the reason why or why not."""


def show(node: Node, project: str, recipe: str) -> EngineChoice:
    """Where a recipe runs and why, and every other engine with the reason why or why not."""
    found = of(node, node.projects.load(project), recipe)
    return EngineChoice(
        wish=found.wish, engine=found.place.engine, connection=found.place.connection, available=found.chosen.available,
        reason=found.chosen.reason,
        engines=tuple(
            EngineOption(
                engine=o.place.engine, connection=o.place.connection, available=o.available, reason=o.reason
            )
            for o in found.options
        ),
    )  # fmt: skip


def of(node: Node, project: Project, recipe: str) -> Placement:
    """The same for a project that is loaded already."""
    return placement.place(project, recipe, connections(node))


def connections(node: Node) -> Mapping[str, Connection]:
    """Every connection of the node that can be read, by name."""
    found: dict[str, Connection] = {}
    for name in node.connections.names():
        try:
            found[name] = node.connections.get(name)
        except InvalidDefinition:  # it is told on its own page; no recipe can use it
            continue
    return found
