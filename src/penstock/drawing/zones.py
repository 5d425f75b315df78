"""Zones: rooms in reading order. Each stands to the right of those it reads from; ways lead from rim to rim."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from penstock.core.picture import Picture, ZoneNode
from penstock.drawing import alignment, layers
from penstock.drawing.arrangement import (
    APART,
    BEND_ROOM,
    GAP,
    PADDING,
    TITLE,
    Arrangement,
    Box,
    Piece,
    Point,
    Way,
    plain,
)
from penstock.drawing.rooms import Room, room

Edge = layers.Edge


def arrange(picture: Picture, *, folded: Collection[str] = ()) -> Arrangement:
    """Where everything stands. Zones in `folded` are drawn as one small box each. The same picture always gives the
    same arrangement."""
    drawn = _drawn(picture)
    rooms = [room(picture, zone, folded=zone.name in folded) for zone in drawn]
    if len(picture.boxes) <= 1:
        return _alone(rooms[0])
    return _beside(picture, rooms)


def _drawn(picture: Picture) -> list[ZoneNode]:
    """All zones but a default one that holds nothing while there are others."""
    if len(picture.boxes) <= 1:
        return [*picture.boxes] or [ZoneNode(name="default", title="Default", color="")]
    used = {n.zone for n in picture.nodes}
    return [z for z in picture.boxes if z.color or z.name in used]


def _alone(only: Room) -> Arrangement:
    """A Flow without zones has no boxes."""
    piece = only.inside.at(0.0, PADDING)
    height = piece.height + 2 * PADDING
    return Arrangement(nodes=piece.nodes, ways=piece.ways, boxes=(), width=piece.width, height=height)


def _beside(picture: Picture, rooms: list[Room]) -> Arrangement:
    edges = _edges(rooms)
    rank = _longest(len(rooms), edges)
    rooms = _untangled(picture, rooms, rank)
    grid = _grid(rank, edges)
    spots = _spots(rooms, grid)
    pieces = [
        r.inside.at(spots[k][0], spots[k][1] + (0.0 if r.folded else TITLE)) for k, r in enumerate(rooms)
    ]
    boxes = tuple(_box(r, spots[k]) for k, r in enumerate(rooms))
    bottoms = [b.y + b.height for b in boxes] + [y + BEND_ROOM for _, y in spots[len(rooms) :]]
    links = _links(_Built(rooms, pieces, grid, spots), edges)
    return Arrangement(
        nodes=tuple(n for p in pieces for n in p.nodes),
        ways=(*(w for p in pieces for w in p.ways), *links),
        boxes=boxes,
        width=max((b.x + b.width for b in boxes), default=0.0) + APART,
        height=max(bottoms, default=0.0) + APART,
    )


def _box(of: Room, at: Point) -> Box:
    return Box(
        zone=of.zone, x=at[0], y=at[1], width=of.inside.width, height=of.height, folded=of.folded, items=of.items,
        recipes=of.recipes,
    )  # fmt: skip


def _edges(rooms: Sequence[Room]) -> list[Edge]:
    """Owner → reader. Zones that read from each other: the one that stands first in the list owns."""
    found = [
        (a, b)
        for b, reader in enumerate(rooms)
        for a, owner in enumerate(rooms)
        if a != b and reader.reads & owner.holds
    ]
    known = set(found)
    return [edge for edge in layers.forward(len(rooms), sorted(found)) if edge in known]


def _longest(count: int, edges: list[Edge]) -> list[int]:
    """The column of each zone: one behind the last it reads from."""
    rank = [0] * count
    for _ in range(count):
        for start, end in edges:
            rank[end] = max(rank[end], rank[start] + 1)
    return rank


def _untangled(picture: Picture, rooms: list[Room], rank: list[int]) -> list[Room]:
    """Rooms turned upside down where their ways would cross each other less."""
    found = list(rooms)
    for k in sorted(range(len(rooms)), key=lambda k: (rank[k], k)):
        if found[k].folded or len(found[k].reads) < 2:
            continue
        turned = room(picture, found[k].zone, flipped=True)
        found[k] = min((found[k], turned), key=lambda r: _crossings(found, rank, r))
    return found


def _crossings(rooms: list[Room], rank: list[int], reader: Room) -> int:
    """How often the ways to a room cross, as far as the rooms they come from tell."""
    leaves = {
        item: (rank[k], k, line[-1][1]) for k, r in enumerate(rooms) for item, line in r.inside.exits.items()
    }
    ends = sorted((leaves[i], line[0][1]) for i, line in reader.inside.entries.items() if i in leaves)
    return sum(1 for n, (_, y) in enumerate(ends) for _, other in ends[n + 1 :] if other < y)


@dataclass(frozen=True, slots=True)
class _Grid:
    """Zones in columns; a zone whose ways skip a column has a vertex there, by which they pass."""

    columns: list[list[int]]
    pieces: list[Edge]
    passes: dict[int, list[int]]
    """Zone → the vertices by which its ways pass the columns behind it, one a column."""

    @property
    def column_of(self) -> dict[int, int]:
        return {vertex: place for place, column in enumerate(self.columns) for vertex in column}


def _grid(rank: list[int], edges: list[Edge]) -> _Grid:
    columns: list[list[int]] = [[] for _ in range(max(rank, default=0) + 1)]
    for zone, column in enumerate(rank):
        columns[column].append(zone)
    passes: dict[int, list[int]] = {}
    pieces: list[Edge] = []
    vertex = len(rank)
    for zone in range(len(rank)):
        readers = [b for a, b in edges if a == zone]
        columns_between = range(rank[zone] + 1, max((rank[b] for b in readers), default=0))
        passes[zone] = [*range(vertex, vertex + len(columns_between))]
        vertex += len(columns_between)
        for passing, column in zip(passes[zone], columns_between, strict=True):
            columns[column].append(passing)
        chain = [zone, *passes[zone]]
        pieces += pairwise(chain)
        pieces += [(chain[rank[b] - rank[zone] - 1], b) for b in readers]
    return _Grid(_by_middle(columns, pieces), pieces, passes)


def _by_middle(columns: list[list[int]], pieces: list[Edge]) -> list[list[int]]:
    """Each column by the middle of what its vertices follow; those that follow nothing stay where they are."""
    before: dict[int, list[int]] = {}
    for start, end in pieces:
        before.setdefault(end, []).append(start)
    place: dict[int, float] = {}
    ordered = []
    for column in columns:
        middle = {
            v: sum(place[b] for b in before[v]) / len(before[v]) if v in before else _share(n, column)
            for n, v in enumerate(column)
        }
        ordered.append(sorted(column, key=lambda v: (round(middle[v], 6), v)))
        place |= {v: _share(n, column) for n, v in enumerate(ordered[-1])}
    return ordered


def _share(place: int, column: list[int]) -> float:
    return place / (len(column) - 1) if len(column) > 1 else 0.5


def _spots(rooms: list[Room], grid: _Grid) -> list[Point]:
    """The top left corner of each room; of a passing vertex, where its ways begin to pass."""
    half = [r.height / 2 for r in rooms]
    bends = [BEND_ROOM] * (sum(map(len, grid.columns)) - len(rooms))
    extents = alignment.Extents([*half, *bends], [*(h + APART for h in half), *bends])
    y = alignment.place(grid.columns, grid.pieces, extents, real=len(rooms))
    tops = [at - (half[k] if k < len(half) else BEND_ROOM) for k, at in enumerate(y)]
    highest = min(tops, default=0.0)
    lefts = _lefts(rooms, grid)
    shifted = [APART - highest + (t if k < len(half) else t + BEND_ROOM) for k, t in enumerate(tops)]
    return [(lefts[grid.column_of[k]], at) for k, at in enumerate(shifted)]


def _lefts(rooms: list[Room], grid: _Grid) -> list[float]:
    found, x = [], APART
    for column in grid.columns:
        found.append(x)
        x += max((rooms[v].inside.width for v in column if v < len(rooms)), default=0.0) + GAP
    return [*found, x]


# ways between zones --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Built:
    rooms: list[Room]
    pieces: list[Piece]
    """Their insides, in place."""
    grid: _Grid
    spots: list[Point]


def _links(built: _Built, edges: list[Edge]) -> list[Way]:
    """The ways from zone to zone: from an item, out at the right, in at the left, to where it is shown."""
    column_of = built.grid.column_of
    lefts = _lefts(built.rooms, built.grid)
    found: list[Way] = []
    for start, end in edges:
        passed = built.grid.passes[start][: column_of[end] - column_of[start] - 1]
        for item in sorted(built.rooms[end].reads & built.rooms[start].holds):
            leave, enter = built.pieces[start].exits.get(item), built.pieces[end].entries.get(item)
            if leave is None or enter is None:
                continue
            line = [*leave, (lefts[column_of[start] + 1] - GAP, leave[-1][1])]
            for passing in passed:
                x, y = built.spots[passing]
                line += [(x, y), (lefts[column_of[passing] + 1] - GAP, y)]
            found.append(Way(start=item, end=item, line=plain([*line, *enter]), between_zones=True))
    return found
