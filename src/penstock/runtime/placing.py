"""Placing: where the recipes of a project run, asked with the connections of the node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.core import placement
from penstock.core.errors import InvalidDefinition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from penstock.core.connection import Connection
    from penstock.core.node import Node
    from penstock.core.placement import Placement
    from penstock.core.project import Project


def show(node: Node, project: str, recipe: str) -> Placement:
    """Where a recipe runs and why, and every other engine with the reason why or why not."""
    return of(node, node.projects.load(project), recipe)


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
