"""A new name for an object, in every definition that names the old one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from penstock.core.kind import Definition
from penstock.core.lineage import Lineage
from penstock.core.names import ITEM_TYPES, local_references
from penstock.core.project import Project, Zone, Zones


def renamed(definition: Definition, old: str, new: str, *, project: str, scenario: bool) -> Definition:
    """A definition whose references to an item, or to a scenario, say the new name; the very same one when it has
    none."""
    if isinstance(definition, Zones):
        return definition if scenario else _renamed_zones(definition, old, new)
    if isinstance(definition, Lineage):
        return definition if scenario else _renamed_lineage(definition, old, new)
    changed: Any = definition
    meant = {"scenario"} if scenario else set(ITEM_TYPES)
    for reference in local_references(definition, project):
        if reference.name == old and meant & set(reference.types):
            changed = _with(changed, reference.path, new)
    return definition if changed is definition else type(definition).model_validate(dict(iter(changed)))


def folder_of(project: Project, name: str) -> str:
    """The folder an object's file lies in. Raises NotFound with the nearest name; recipes and scenarios come last."""
    if name in project.recipes and name not in project.items:
        return "flow/recipes"
    if name in project.scenarios and name not in project.items:
        return "scenarios"
    return {
        "dataset": "flow/datasets", "folder": "flow/folders", "model": "flow/models",
        "evaluation_store": "flow/evaluations",
    }[project.item_type(name)]  # fmt: skip


def _with(value: Any, path: Sequence[str | int], new: str) -> Any:
    """A copy of a nest of definitions, mappings and tuples with one text replaced."""
    if not path:
        return new
    first, rest = path[0], path[1:]
    if isinstance(value, BaseModel):
        return value.model_copy(update={str(first): _with(getattr(value, str(first)), rest, new)})
    if isinstance(value, dict):
        return {**value, first: _with(value[first], rest, new)}
    return tuple(_with(item, rest, new) if index == first else item for index, item in enumerate(value))


def _renamed_lineage(lineage: Lineage, old: str, new: str) -> Lineage:
    changed = lineage.renamed(old, new)
    return lineage if changed == lineage else changed


def _renamed_zones(zones: Zones, old: str, new: str) -> Zones:
    if not any(old in (*zone.items, *zone.shared) for zone in zones.zones.values()):
        return zones
    return zones.changed(zones={name: _renamed_zone(zone, old, new) for name, zone in zones.zones.items()})


def _renamed_zone(zone: Zone, old: str, new: str) -> Zone:
    def swap(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(new if name == old else name for name in names)

    return zone.changed(items=swap(zone.items), shared=swap(zone.shared))
