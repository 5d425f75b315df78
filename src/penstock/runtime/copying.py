"""Copying: a part of a Flow once more, under other names. Definitions only; data is made by a build."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from penstock.core import registry, sharing, zone
from penstock.core.errors import Conflict, Refused
from penstock.core.flow import Flow
from penstock.core.kind import Definition, Described
from penstock.core.names import check_name
from penstock.core.project import ZONES_FILE, Zones, file_of
from penstock.core.recipe import Recipe

if TYPE_CHECKING:
    from penstock.core.node import Node


def copy(
    node: Node, project: str, names: Sequence[str], *, author: str, ending: str = "_copy", input: str = ""
) -> dict[str, str]:  # fmt: skip
    """Copy items and recipes, as one commit; old name → new one.

    A copied recipe writes copies of its outputs and reads copies of what was copied too; anything else it reads as
    the original does, or `input` in place of the one dataset it reads. Copies lie in the zones of the originals.
    Raises Refused for an item that a recipe writes and that was named without it: nothing could ever fill its copy.
    """
    flow = Flow.of(node.projects.load(project))
    recipes = [n for n in names if n in flow.project.recipes and n not in flow.project.items]
    items = dict.fromkeys(
        [n for n in names if n not in recipes] + [o for r in recipes for o in flow.writes[r]]
    )
    for item in items:
        sharing.check_own(flow.project, flow.check_item(item), "copied")
    renamed = _renamed(flow, [*items], recipes, ending)
    files: dict[str, Definition | str | None] = {
        file_of(flow.project.item_type(i), renamed[i]): _plain(flow.project.item(i)) for i in items
    }
    pointed = {**renamed, **(_elsewhere(flow, recipes, input) if input else {})}
    files |= {file_of("recipe", renamed[r]): _pointed(flow.project.recipe(r), pointed) for r in recipes}
    zones = _placed(flow, {i: renamed[i] for i in items})
    if zones != flow.project.zones:
        files[ZONES_FILE] = zones
    node.projects.save(project, files, author=author, message=f"Copy {', '.join([*items, *recipes][:5])}")
    return renamed


def _elsewhere(flow: Flow, recipes: Sequence[str], input: str) -> dict[str, str]:
    """The dataset that one copied recipe reads → the one its copy reads."""
    flow.check_item(input)
    read = [i for r in recipes for i in flow.reads[r] if flow.project.item_type(i) == "dataset"]
    if len(recipes) != 1 or len(read) != 1:
        raise Refused("Another input is for the copy of one recipe that reads one dataset.")
    return {read[0]: input}


def _renamed(flow: Flow, items: list[str], recipes: list[str], ending: str) -> dict[str, str]:
    """New names, all free: a number is added where one is taken."""
    if not ending:
        raise Refused("Copies need other names.", hint="Give an ending such as _copy.")
    taken = {*flow.project.items, *flow.project.recipes}
    found: dict[str, str] = {}
    for name in [*items, *recipes]:
        if name in found:
            raise Conflict(f"'{name}' is the name of an object and of a recipe; copy them one by one.")
        wanted = check_name(f"{name}{ending}")
        tries = (wanted if n == 1 else f"{wanted}_{n}" for n in range(1, 1000))
        found[name] = next(t for t in tries if t not in taken)
        taken.add(found[name])
    return found


def _plain(item: Described) -> Definition:
    """The definition without what may be there once only: the id of a folder."""
    return item.changed(id="") if "id" in type(item).model_fields else item


def _pointed(recipe: Recipe, renamed: Mapping[str, str]) -> Definition:
    """A recipe whose references follow the new names."""
    values: dict[str, Any] = recipe.model_dump(mode="json", by_alias=True)
    for reference in recipe.references():
        if reference.name in renamed:
            _put(values, reference.path, renamed[reference.name])
    body = {
        recipe_field: getattr(recipe, recipe_field) for recipe_field in ("body",) if hasattr(recipe, "body")
    }
    return registry.parse("recipes", {"type": recipe.kind_name(), **values, **body})


def _put(values: Any, path: tuple[str | int, ...], name: str) -> None:
    for part in path[:-1]:
        values = values[part]
    values[path[-1]] = name


def _placed(flow: Flow, renamed: Mapping[str, str]) -> Zones:
    zones = flow.project.zones
    entries = dict(zones.zones)
    for old, new in renamed.items():
        place = zone.zone_of(flow, old)
        if place != zone.DEFAULT:
            entries[place] = entries[place].changed(items=(*entries[place].items, new))
    return zones.changed(zones=entries)
