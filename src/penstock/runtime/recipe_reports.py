"""Reports of recipes: everything a page shows of one recipe besides its form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from penstock.core import registry
from penstock.core.kind import documentation
from penstock.core.names import ItemType
from penstock.core.project import Project, file_of
from penstock.core.recipe import Recipe
from penstock.core.revision import Revision
from penstock.runtime import flow, placing
from penstock.runtime.flow import Standing

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.placement import Placement


@dataclass(frozen=True, slots=True)
class Link:
    """An object a recipe reads or writes."""

    name: str
    type: ItemType | None
    """None: the Flow has no such object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One recipe as people look at it."""

    name: str
    recipe: Recipe
    type: str
    about: str
    inputs: Sequence[Link]
    outputs: Sequence[Link]
    standing: Standing
    """How what it makes stands: up to date, out of date and why …"""
    flaws: Sequence[str]
    """What can never work."""
    placement: Placement
    """Where it runs and why there, and why not elsewhere."""
    base: str
    """The content hash of its file: what a save must still find."""
    changed: Revision | None


def _standing(node: Node, project: Project, name: str) -> Standing:
    """How a recipe stands: as the worst of what it makes; not up to date before there is anything."""
    found, outputs = flow.standings(node, project.key), project.recipes[name].writes
    empty = [o for o in outputs if o in project.models and not node.models.versions(project.key, o)]
    own = found[f"recipe:{name}"]
    if own.state != "success":
        return own
    if empty:
        return Standing("never", f"Model {empty[0]} has no version yet.")
    waiting = (found[o] for o in outputs if found[o].state in ("never", "stale"))
    return next(waiting, own)


def report(node: Node, project: str, name: str) -> Report:
    """One recipe. Raises NotFound with the nearest name, InvalidDefinition for a broken file."""
    loaded = node.projects.load(project)
    recipe = loaded.recipe(name)
    file = file_of("recipe", name)
    saves = node.projects.history(project, file, limit=1)
    type = registry.name_of(recipe.__class__)

    def link(item: str) -> Link:
        return Link(item, loaded.item_type(item) if item in loaded.items else None)

    return Report(
        name=name, recipe=recipe, type=type, about=documentation(recipe.__class__)[0],
        inputs=[link(i) for i in recipe.reads], outputs=[link(o) for o in recipe.writes],
        standing=_standing(node, loaded, name), flaws=recipe.flaws(),
        placement=placing.of(node, loaded, name), base=node.projects.read(project, file)[1],
        changed=saves[0] if saves else None,
    )  # fmt: skip
