"""Picture: a Flow as people look at it. Facts only; `runtime.flow` gathers them, `drawing.flow` draws them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from penstock.core.errors import InvalidDefinition
from penstock.core.names import ItemType

LastBuild = Literal["never", "done", "failed", "source"]
State = Literal["source", "never", "success", "warning", "failed", "aborted", "running", "stale"]
"""What a sign on a node says. A source has none: nothing in the project makes it."""

RECIPE = "recipe:"
"""What the id of a recipe begins with."""

STATE_WORDS: dict[State, str] = {
    "source": "a source", "never": "never built", "success": "up to date", "warning": "built with warnings",
    "failed": "last build failed", "aborted": "last build aborted", "running": "being built",
    "stale": "out of date",
}  # fmt: skip


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
    tags: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()
    """Items it is read from without a recipe: the folder its files lie in."""
    state: State = "source"
    why: str = ""
    """Why it is in that state, as a sentence; empty when the state says it all."""
    foreign: bool = False
    """It lives in another project and is shared into this one."""

    @property
    def id(self) -> str:
        return self.name


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
    tags: tuple[str, ...] = ()
    state: State = "never"
    why: str = ""

    @property
    def id(self) -> str:
        """A recipe may be called like an item; its id may not."""
        return f"{RECIPE}{self.name}"


FlowNode = ItemNode | RecipeNode


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneNode:
    """One zone: its name, and how it looks."""

    name: str
    title: str
    color: str
    """As #rrggbb; empty for the default zone."""
    shared: tuple[str, ...] = ()
    """Items of other zones that people placed here to be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The whole Flow, recipes in the order in which they run."""

    items: tuple[ItemNode, ...]
    recipes: tuple[RecipeNode, ...]
    zones: tuple[str, ...]
    problems: tuple[InvalidDefinition, ...]
    boxes: tuple[ZoneNode, ...] = ()
    """The same zones with their looks; one alone means that the Flow has no zones."""

    def node(self, name: str) -> FlowNode | None:
        """The node of an id or of a name; an item before a recipe of the same name."""
        return next((n for n in self.nodes if name in (n.id, n.name)), None)

    @property
    def nodes(self) -> tuple[FlowNode, ...]:
        """Items, then recipes."""
        return (*self.items, *self.recipes)

    def only(self, ids: Iterable[str]) -> Picture:
        """What is left when everything but these nodes is taken away."""
        kept = frozenset(ids)
        return replace(
            self,
            items=tuple(i for i in self.items if i.id in kept),
            recipes=tuple(
                replace(r, inputs=_among(r.inputs, kept), outputs=_among(r.outputs, kept))
                for r in self.recipes
                if r.id in kept
            ),
        )

    def around(self, ids: Iterable[str], direction: Literal["up", "down", "both"] = "both") -> frozenset[str]:
        """These nodes, and everything they are made from, made into, or both."""
        start = frozenset(ids)
        edges = self.edges()
        found = set(start)
        if direction != "down":
            found |= _reach(start, _links((end, begin) for begin, end in edges))
        if direction != "up":
            found |= _reach(start, _links(edges))
        return frozenset(found)

    def edges(self) -> list[tuple[str, str]]:
        """Every edge between ids: item → recipe, recipe → item, folder → the dataset over it."""
        items = {i.id for i in self.items}
        found = [(i, r.id) for r in self.recipes for i in r.inputs if i in items]
        found += [(r.id, o) for r in self.recipes for o in r.outputs if o in items]
        found += [(b, i.id) for i in self.items for b in i.behind if b in items]
        return list(dict.fromkeys(found))


def _among(names: tuple[str, ...], kept: frozenset[str]) -> tuple[str, ...]:
    return tuple(n for n in names if n in kept)


def _links(edges: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    links: dict[str, list[str]] = {}
    for start, end in edges:
        links.setdefault(start, []).append(end)
    return links


def _reach(start: Iterable[str], links: dict[str, list[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [n for name in start for n in links.get(name, ())]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(links.get(name, ()))
    return found
