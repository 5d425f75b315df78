"""Zones: make, name, colour, fill and delete the parts of a Flow. Each change is one commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from penstock.core import zone
from penstock.core.flow import Flow
from penstock.core.project import Zones
from penstock.core.zone import ZoneGraph

if TYPE_CHECKING:
    from penstock.core.node import Node

FILE = "flow/zones.yaml"


def graphs(node: Node, project: str) -> list[ZoneGraph]:
    """Every zone with what lies in it, the default one first. One entry alone: the Flow has no zones."""
    flow = Flow.of(node.projects.load(project))
    return [zone.graph(flow, name) for name in (zone.DEFAULT, *flow.project.zones.zones)]


def graph(node: Node, project: str, name: str) -> ZoneGraph:
    """One zone. Raises NotFound with the nearest name."""
    return zone.graph(Flow.of(node.projects.load(project)), name)


def create(node: Node, project: str, name: str, *, author: str, color: str = "") -> Zones:
    """A new, empty zone."""
    changed = zone.create(node.projects.load(project).zones, name, color=color)
    return _save(node, project, changed, author, f"Create zone {name}")


def rename(node: Node, project: str, name: str, new: str, *, author: str) -> Zones:
    """Another name for a zone; also for the default one."""
    changed = zone.rename(node.projects.load(project).zones, name, new)
    return _save(node, project, changed, author, f"Rename zone {name} to {new}")


def recolor(node: Node, project: str, name: str, color: str, *, author: str) -> Zones:
    """Another colour for a zone, as #rrggbb."""
    changed = zone.recolor(node.projects.load(project).zones, name, color)
    return _save(node, project, changed, author, f"Colour zone {name}")


def delete(node: Node, project: str, name: str, *, author: str) -> Zones:
    """Delete a zone; what lay in it falls back into the default one, which itself cannot be deleted."""
    changed = zone.delete(node.projects.load(project).zones, name)
    return _save(node, project, changed, author, f"Delete zone {name}")


def move(
    node: Node, project: str, names: Sequence[str], to: str, *, author: str, new: bool = False, color: str = ""
) -> Zones:  # fmt: skip
    """Move items and recipes to a zone, made first when `new`. A recipe and its outputs always move together."""
    flow = Flow.of(node.projects.load(project))
    if new:
        flow = _with(flow, zone.create(flow.project.zones, to, color=color))
    return _save(node, project, zone.move(flow, names, to), author, f"Move {', '.join(names)} to zone {to}")


def share(node: Node, project: str, item: str, into: str, *, author: str) -> Zones:
    """Show an item of one zone in another zone too."""
    changed = zone.share(Flow.of(node.projects.load(project)), item, into)
    return _save(node, project, changed, author, f"Share {item} into zone {into}")


def unshare(node: Node, project: str, item: str, from_zone: str, *, author: str) -> Zones:
    """No longer show an item in a zone it does not lie in."""
    changed = zone.unshare(Flow.of(node.projects.load(project)), item, from_zone)
    return _save(node, project, changed, author, f"Unshare {item} from zone {from_zone}")


def _with(flow: Flow, zones: Zones) -> Flow:
    return Flow.of(replace(flow.project, zones=zones))


def _save(node: Node, project: str, zones: Zones, author: str, message: str) -> Zones:
    node.projects.load(project).check_files(FILE)
    node.projects.save(project, {FILE: zones}, author=author, message=message)
    return zones
