"""The Flow as people look at it: every object with where it comes from, where it goes, and how its last build went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from penstock.core import zone
from penstock.core.errors import InvalidDefinition
from penstock.core.flow import Flow, problems
from penstock.core.job import BuildRecord
from penstock.core.kind import Kind
from penstock.core.names import ItemType

if TYPE_CHECKING:
    from penstock.core.node import Node

LastBuild = Literal["never", "done", "failed", "source"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemNode:
    """One object that data flows through."""

    name: str
    type: ItemType
    kind: str
    """The kind of a dataset; the type of other objects."""
    title: str
    zone: str
    producer: str
    """The recipe that writes it; empty for a source."""
    consumers: tuple[str, ...]
    last_build: LastBuild
    built_at: datetime | None
    """When the last good build ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeNode:
    """One recipe."""

    name: str
    kind: str
    category: str
    title: str
    zone: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The whole Flow, recipes in the order in which they run."""

    items: tuple[ItemNode, ...]
    recipes: tuple[RecipeNode, ...]
    zones: tuple[str, ...]
    problems: tuple[InvalidDefinition, ...]


def show(node: Node, project: str) -> Picture:
    """The Flow of a project as its files say now."""
    flow = Flow.of(node.projects.load(project))
    records = node.runs.build_records(project)
    return Picture(
        items=tuple(_item(flow, name, records.get(name)) for name in flow.project.items),
        recipes=tuple(_recipe(flow, name) for name in flow.order(flow.reads)),
        zones=(zone.DEFAULT, *flow.project.zones.zones),
        problems=(*flow.project.problems, *problems(flow.project)),
    )


def upstream(node: Node, project: str, item: str) -> list[str]:
    """Every object an item is made from. Raises NotFound, with the nearest name, for an unknown one."""
    flow = Flow.of(node.projects.load(project))
    return sorted(flow.upstream([flow.check_item(item)]))


def downstream(node: Node, project: str, item: str) -> list[str]:
    """Every object made from an item. Raises NotFound, with the nearest name, for an unknown one."""
    flow = Flow.of(node.projects.load(project))
    return sorted(flow.downstream([flow.check_item(item)]))


def _item(flow: Flow, name: str, record: BuildRecord | None) -> ItemNode:
    item, producer = flow.project.item(name), flow.producer(name)
    item_type = flow.project.item_type(name)
    return ItemNode(
        name=name, type=item_type, kind=item.kind_name() if isinstance(item, Kind) else item_type,
        title=item.title, zone=zone.zone_of(flow, name), producer=producer or "",
        consumers=flow.consumers.get(name, ()), last_build=_last_build(producer, record),
        built_at=record.built_at if record and record.recipe_fingerprint else None,
    )  # fmt: skip


def _recipe(flow: Flow, name: str) -> RecipeNode:
    recipe = flow.project.recipe(name)
    return RecipeNode(
        name=name, kind=recipe.kind_name(), category=recipe.CATEGORY, title=recipe.title,
        zone=zone.zone_of(flow, name), inputs=flow.reads[name], outputs=flow.writes[name],
    )  # fmt: skip


def _last_build(producer: str | None, record: BuildRecord | None) -> LastBuild:
    if producer is None:
        return "source"
    if record is None:
        return "never"
    return "done" if record.success else "failed"
