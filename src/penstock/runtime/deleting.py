"""Deleting: objects of a Flow with everything that cannot be without them, told before it is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from penstock.core import sharing
from penstock.core.errors import Refused
from penstock.core.flow import Flow
from penstock.core.kind import Definition
from penstock.core.names import local_references
from penstock.core.project import ZONES_FILE, Project, Zones, file_of
from penstock.runtime import holding, selection
from penstock.runtime.subject import key_of

if TYPE_CHECKING:
    from penstock.core.node import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What deleting some objects would do."""

    items: tuple[str, ...]
    recipes: tuple[str, ...]
    """Those named, and those that would have nothing left to read or to write."""
    left_alone: tuple[str, ...]
    """Items that stay and that no recipe would make any more."""
    named_by: tuple[str, ...]
    """What still speaks of them, as sentences; while there is any, nothing is deleted."""
    with_data: tuple[str, ...]
    """Items whose data would go too; what lives outside stays there."""


def impact(node: Node, project: str, names: Sequence[str]) -> Impact:
    """What deleting items and recipes would do. Raises NotFound, with the nearest name, for an unknown one."""
    flow = Flow.of(node.projects.load(project))
    items, recipes = _chosen(flow, names)
    orphans = (o for r in recipes for o in flow.writes[r] if o not in items)
    cleared = selection.clearable(node, project, items)
    return Impact(
        items=items, recipes=recipes, left_alone=tuple(dict.fromkeys(orphans)),
        named_by=tuple(_named_by(flow.project, items)),
        with_data=tuple(name for name, why in cleared.items() if not why),
    )  # fmt: skip


def delete(node: Node, project: str, names: Sequence[str], *, author: str, data: bool = True) -> Impact:
    """Delete items and recipes, as one commit, and the managed data of the items unless `data` is false.

    Raises Refused while something else speaks of them, BeingBuilt while a job builds one.
    """
    loaded = node.projects.load(project)
    for name in names:
        sharing.check_own(loaded, name, "deleted")
    found = impact(node, project, names)
    if found.named_by:
        raise Refused(
            f"{_listed(found.items)} cannot be deleted yet. {' '.join(found.named_by)}",
            hint="Change those first.",
        )
    written = [output for recipe in found.recipes for output in loaded.recipes[recipe].writes]
    holding.check_free(node, project, (*found.items, *written), verb="Delete it")
    if data:
        selection.clear(node, project, found.with_data)
    removed = (*(_file(loaded, n) for n in found.items), *(file_of("recipe", r) for r in found.recipes))
    files: dict[str, Definition | str | None] = dict.fromkeys(removed)
    zones = _without(loaded.zones, found.items)
    if zones != loaded.zones:
        files[ZONES_FILE] = zones
    node.projects.save(
        project, files, author=author, message=f"Delete {_listed((*found.items, *found.recipes))}"
    )
    for name in found.items:
        node.runs.forget_build(project, name)
        if data:
            node.metrics.forget(key_of(loaded, name))
    return found


def _chosen(flow: Flow, names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The items named, and the recipes named or left without an input or an output."""
    named = [n for n in names if n in flow.project.recipes and n not in flow.project.items]
    items = tuple(flow.check_item(n) for n in dict.fromkeys(names) if n not in named)
    touched = (r for r in flow.project.recipes if set(items) & {*flow.reads[r], *flow.writes[r]})
    return items, tuple(dict.fromkeys([*named, *touched]))


def _named_by(project: Project, items: Iterable[str]) -> Iterator[str]:
    gone = set(items)
    for name, scenario in project.scenarios.items():
        spoken = sorted({r.name for r in local_references(scenario, project.key)} & gone)
        if spoken:
            yield f"Scenario {name} names {_listed(spoken)}."
    for name in items:
        others = sharing.readers(project, name)
        if others:
            yield f"{name} is shared with {_listed(others)}."
    for name, dataset in project.datasets.items():
        below = sorted(gone.intersection(dataset.depends_on()))
        if below and name not in gone:
            yield f"Dataset {name} is read from {_listed(below)}."
    for name, recipe in project.recipes.items():
        spoken = sorted({r.name for r in recipe.references() if r.side == "other"} & gone)
        if spoken:
            yield f"Recipe {name} names {_listed(spoken)}."


def _without(zones: Zones, items: Sequence[str]) -> Zones:
    kept = {
        name: zone.changed(
            items=tuple(i for i in zone.items if i not in items),
            shared=tuple(i for i in zone.shared if i not in items),
        )
        for name, zone in zones.zones.items()
    }
    return zones.changed(zones=kept)


def _file(project: Project, item: str) -> str:
    return file_of(project.item_type(item), item)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
