"""Arrangement: where everything of a Flow stands, in pixels; the top left corner is 0, 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from penstock.core.picture import FlowNode, RecipeNode, ZoneNode

STEP = 112.0
"""From one column of nodes to the next."""
REACH = {"item": 22.0, "recipe": 19.0, "ghost": 15.0}
"""From the middle of a node to its rim."""
PADDING, TITLE = 18.0, 34.0
"""Inside a zone: around what it holds, and above it for the title."""
GAP, APART = 64.0, 24.0
"""Between the columns of zones, and between two zones of one column."""
FOLDED = (208.0, 92.0)
"""Width and height of a folded zone."""
BEND_ROOM = 6.0
"""Around the middle line of an edge that passes a column."""

Point = tuple[float, float]
Line = tuple[Point, ...]
"""A way: between two points of the same y it runs level, else it swings from one to the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A node in its place."""

    node: FlowNode
    zone: str
    ghost: bool
    """It stands for an item that lies in another zone."""
    x: float
    y: float
    label: tuple[str, ...]
    note: str = ""
    """Under the label: where it goes on, on paper."""

    @property
    def reach(self) -> float:
        return reach(self.node, self.ghost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """An edge in its place."""

    start: str
    end: str
    line: Line
    between_zones: bool = False
    turned: bool = False
    """It closes a circle, so it is drawn from its end to its start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A zone in its place."""

    zone: ZoneNode
    x: float
    y: float
    width: float
    height: float
    folded: bool
    items: int
    recipes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """A whole Flow in its place."""

    nodes: tuple[Placed, ...]
    ways: tuple[Way, ...]
    boxes: tuple[Box, ...]
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some nodes with their ways, and the ways that lead to and from the rims of the piece."""

    nodes: tuple[Placed, ...] = ()
    ways: tuple[Way, ...] = ()
    entries: dict[str, Line]
    """Item that lies elsewhere → the way from the left rim to it."""
    exits: dict[str, Line]
    """Item that is shown elsewhere → the way from it to the right rim."""
    width: float
    height: float

    def at(self, x: float, y: float) -> Piece:
        """The same, moved."""
        return replace(
            self,
            nodes=tuple(replace(n, x=n.x + x, y=n.y + y) for n in self.nodes),
            ways=tuple(replace(w, line=moved(w.line, x, y)) for w in self.ways),
            entries={name: moved(line, x, y) for name, line in self.entries.items()},
            exits={name: moved(line, x, y) for name, line in self.exits.items()},
        )


def reach(node: FlowNode, ghost: bool) -> float:
    """From the middle of a node to its rim."""
    return REACH["ghost" if ghost else "recipe" if isinstance(node, RecipeNode) else "item"]


def moved(line: Line, x: float, y: float) -> Line:
    return tuple((a + x, b + y) for a, b in line)


def plain(points: Sequence[Point]) -> Line:
    """A line without the corners in the middle of a level run."""
    last = len(points) - 1
    return tuple(p for n, p in enumerate(points) if n in (0, last) or not _is_level(points[n - 1 : n + 2]))


def _is_level(points: Sequence[Point]) -> bool:
    return all(abs(p[1] - points[0][1]) < 0.5 for p in points)
