"""Rooms: the inside of a zone. Connected parts in columns, set on shelves, with ways from and to the rims."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from types import MappingProxyType

from penstock.core.picture import FlowNode, ItemNode, Picture, RecipeNode, ZoneNode
from penstock.drawing import alignment, labels, layers
from penstock.drawing.arrangement import (
    APART,
    BEND_ROOM,
    FOLDED,
    PADDING,
    STEP,
    TITLE,
    Line,
    Piece,
    Placed,
    Point,
    Way,
    plain,
    reach,
)

AIR = 12.0
"""Between a label and what stands below it."""
SHELF = 18.0
"""Between two shelves."""
LEVEL = labels.WIDEST * labels.LETTER / 2
"""To the left and right of a column's middle, where labels may be: edges run level there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A zone, arranged by itself."""

    zone: ZoneNode
    folded: bool
    inside: Piece
    items: int
    recipes: int
    reads: frozenset[str]
    """Items of elsewhere that it shows."""
    holds: frozenset[str]
    """Its own items."""

    @property
    def height(self) -> float:
        """With its title."""
        return self.inside.height + (0.0 if self.folded else TITLE + PADDING)


def room(
    picture: Picture, zone: ZoneNode, *, folded: bool = False, flipped: bool = False,
    notes: Mapping[str, str] = MappingProxyType({}),
) -> Room:  # fmt: skip
    """A zone as a room; `flipped` upside down when that untangles the ways to it; `notes`: id → words below a label."""
    own: list[FlowNode] = [n for n in picture.nodes if n.zone == zone.name]
    held = frozenset(n.id for n in own if isinstance(n, ItemNode))
    guests = _guests(picture, zone, own, held)
    if folded:
        inside = _closed(held, guests)
    else:
        plan = _Plan(
            zone, (*own, *guests), held | {n.id for n in own}, flipped, notes, len(picture.boxes) > 1
        )  # fmt: skip
        inside = _furnished(picture, plan, held)
    return Room(
        zone=zone, folded=folded, inside=inside, items=len(held), recipes=len(own) - len(held),
        reads=frozenset(g.id for g in guests), holds=held,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Plan:
    zone: ZoneNode
    nodes: tuple[FlowNode, ...]
    own: frozenset[str]
    """Ids of the nodes that lie here; the others are guests."""
    flipped: bool
    notes: Mapping[str, str]
    has_rims: bool
    """Whether ways lead to other zones: a zone alone shows guests, and nothing between them and its rim."""


def _guests(
    picture: Picture, zone: ZoneNode, own: Iterable[FlowNode], held: Collection[str]
) -> list[ItemNode]:  # fmt: skip
    """Items of other zones that this one reads, writes or shows."""
    shown = set(zone.shared)
    for node in own:
        shown |= {*node.inputs, *node.outputs} if isinstance(node, RecipeNode) else set(node.behind)
    return [i for i in picture.items if i.id in shown and i.id not in held]


def _closed(held: Iterable[str], guests: Iterable[ItemNode]) -> Piece:
    width, height = FOLDED
    entries: dict[str, Line] = {g.id: ((0.0, height / 2),) for g in guests}
    exits: dict[str, Line] = dict.fromkeys(held, ((width, height / 2),))
    return Piece(entries=entries, exits=exits, width=width, height=height)


def _furnished(picture: Picture, plan: _Plan, held: frozenset[str]) -> Piece:
    number = {n.id: k for k, n in enumerate(plan.nodes)}
    edges = [
        (number[a], number[b])
        for a, b in picture.edges()
        if a in number and b in number and _is_drawn(plan, plan.nodes[number[a]], plan.nodes[number[b]])
    ]
    straight = layers.forward(len(plan.nodes), edges)
    turned = frozenset(straight) - frozenset(edges)
    wanted = held & _shown_elsewhere(picture, plan.zone.name)
    parts = [
        _part(plan, members, [e for e in straight if e[0] in members], turned, wanted)
        for members in layers.components(len(plan.nodes), straight)
    ]
    title = labels.width(plan.zone.title, 13) + 96 if len(picture.boxes) > 1 else 0.0
    return _shelved(parts, title)


def _is_drawn(plan: _Plan, start: FlowNode, end: FlowNode) -> bool:
    """Whether an edge belongs here: its recipe lies here, or the dataset over its folder does."""
    recipe = next((n for n in (start, end) if isinstance(n, RecipeNode)), end)
    return recipe.id in plan.own


def _shown_elsewhere(picture: Picture, zone: str) -> set[str]:
    found = {i for r in picture.recipes if r.zone != zone for i in (*r.inputs, *r.outputs)}
    found |= {b for i in picture.items if i.zone != zone for b in i.behind}
    return found | {s for box in picture.boxes if box.name != zone for s in box.shared}


# a connected part ----------------------------------------------------------------------------------------------------


def _part(
    plan: _Plan, members: list[int], edges: list[layers.Edge], turned: frozenset[layers.Edge], wanted: frozenset[str]
) -> Piece:  # fmt: skip
    nodes = [plan.nodes[v] for v in members]
    ghosts = [n.id not in plan.own for n in nodes]
    local = {vertex: k for k, vertex in enumerate(members)}
    links = [(local[a], local[b]) for a, b in edges]
    made = layers.layered(
        len(nodes), links, twice=frozenset(e for e in links if all(isinstance(nodes[v], ItemNode) for v in e)),
        entering=[k for k, ghost in enumerate(ghosts) if ghost and plan.has_rims],
        leaving=[k for k, n in enumerate(nodes) if n.id in wanted],
    )  # fmt: skip
    columns = [column[::-1] for column in made.columns] if plan.flipped else made.columns
    labelled = [labels.lines(n.title or n.name) for n in nodes]
    reaches = [reach(n, g) for n, g in zip(nodes, ghosts, strict=True)]
    notes = [plan.notes.get(n.id, "") for n in nodes]
    high = [len(said) + bool(note) for said, note in zip(labelled, notes, strict=True)]
    extents = _extents(reaches, high, sum(map(len, columns)))
    y = alignment.place(columns, made.pieces, extents, real=made.real)
    top = min(a - b for a, b in zip(y, extents.above, strict=True))
    bottom = max(a + b for a, b in zip(y, extents.below, strict=True))
    rim = 1 if made.entries else 0
    width = (len(columns) - rim - (1 if made.exits else 0)) * STEP
    spots = [(x, at - top) for x, at in zip(_across(columns, rim), y, strict=True)]
    back = frozenset((local[a], local[b]) for a, b in turned if a in local)
    return Piece(
        nodes=tuple(
            Placed(
                node=n,
                zone=plan.zone.name,
                ghost=ghosts[k],
                x=spots[k][0],
                y=spots[k][1],
                label=labelled[k],
                note=notes[k],
            )
            for k, n in enumerate(nodes)
        ),
        ways=tuple(
            Way(start=nodes[a].id, end=nodes[b].id, line=_line(spots, way, reaches), turned=edge in back)
            for edge, way in made.ways.items()
            for a, b in [edge[::-1] if edge in back else edge]
        ),
        entries={nodes[v].id: _line(spots, way, reaches, left=0.0) for v, way in made.entries.items()},
        exits={nodes[v].id: _line(spots, way, reaches, right=width) for v, way in made.exits.items()},
        width=width,
        height=bottom - top,
    )


def _extents(reaches: list[float], high: list[int], count: int) -> alignment.Extents:
    bends = [BEND_ROOM] * (count - len(reaches))
    below = [r + 8 + labels.LINE * lines for r, lines in zip(reaches, high, strict=True)]
    return alignment.Extents([*(r + AIR for r in reaches), *bends], [*below, *bends])


def _across(columns: Sequence[Sequence[int]], rim: int) -> list[float]:
    """The x of every vertex."""
    x = [0.0] * sum(map(len, columns))
    for place, column in enumerate(columns):
        for vertex in column:
            x[vertex] = (place - rim + 0.5) * STEP
    return x


def _line(
    spots: list[Point], way: list[int], reaches: list[float], *, left: float | None = None,
    right: float | None = None,
) -> Line:  # fmt: skip
    """The corners of a way: level wherever a column is, from rim to rim of its ends, or to a rim of the room."""
    found = [(x + side, y) for x, y in (spots[v] for v in way) for side in (-LEVEL, LEVEL)]
    (first_x, first_y), (last_x, last_y) = spots[way[0]], spots[way[-1]]
    begin = [(left, first_y)] if left is not None else [(first_x + reaches[way[0]], first_y), found[1]]
    finish = [(right, last_y)] if right is not None else [found[-2], (last_x - reaches[way[-1]], last_y)]
    return plain([*begin, *found[2:-2], *finish])


# shelves -------------------------------------------------------------------------------------------------------------


def _shelved(parts: list[Piece], narrowest: float) -> Piece:
    """The parts beside and below each other, about twice as wide as high. A part with ways to the left rim begins a
    shelf, one with ways to the right rim ends it, so that no way runs through another part."""
    area = sum(p.width * (p.height + APART) for p in parts)
    widest = max([sqrt(area * 2.2), *(p.width for p in parts)], default=0.0)
    placed: list[Piece] = []
    x, y, shelf = 0.0, 0.0, 0.0
    for part in sorted(parts, key=_is_single):
        if x and (part.entries or x + part.width > widest + 1):
            x, y, shelf = 0.0, y + shelf + SHELF, 0.0
        placed.append(part.at(x + PADDING, y))
        shelf = max(shelf, part.height)
        x = widest + 2 if part.exits else x + part.width
    reached = max((part.width + PADDING + _left(part) for part in placed), default=0.0)
    return _joined(placed, max(reached, narrowest), y + shelf)


def _is_single(part: Piece) -> bool:
    return len(part.nodes) == 1 and not part.entries and not part.exits


def _left(part: Piece) -> float:
    """Where a part begins: half a column before its first node."""
    return min((n.x for n in part.nodes), default=0.0) - STEP / 2


def _joined(parts: list[Piece], width: float, height: float) -> Piece:
    entries = {name: line for part in parts for name, line in part.entries.items()}
    exits = {name: line for part in parts for name, line in part.exits.items()}
    return Piece(
        nodes=tuple(n for part in parts for n in part.nodes),
        ways=tuple(w for part in parts for w in part.ways),
        entries={name: plain([(0.0, line[0][1]), *line]) for name, line in entries.items()},
        exits={name: plain([*line, (width, line[-1][1])]) for name, line in exits.items()},
        width=width,
        height=height,
    )
