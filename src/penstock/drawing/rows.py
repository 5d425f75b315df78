"""Rows: zones side by side, each to the right of those it reads from, with ways from rim to rim."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from penstock.drawing import alignment, layers
from penstock.drawing.arrangement import (
    APART,
    BEND_ROOM,
    GAP,
    TITLE,
    Box,
    Piece,
    Point,
    Way,
    moved,
    plain,
)
from penstock.drawing.rooms import Room

Edge = layers.Edge


@dataclass(frozen=True, slots=True)
class Row:
    """Zones side by side, in place."""

    members: list[int]
    boxes: list[Box]
    pieces: list[Piece]
    links: list[Way]
    columns: list[int]
    """Of each member: the column it stands in."""
    bottom: float

    def at(self, y: float) -> Row:
        return replace(
            self,
            boxes=[replace(b, y=b.y + y) for b in self.boxes],
            pieces=[p.at(0.0, y) for p in self.pieces],
            links=[replace(w, line=moved(w.line, 0.0, y)) for w in self.links],
            bottom=self.bottom + y,
        )


def row(rooms: list[Room], rank: list[int], edges: list[Edge], members: list[int]) -> Row:
    """Some of the zones, their top at 0."""
    local = {k: n for n, k in enumerate(members)}
    first = min(rank[k] for k in members)
    inner = [(local[a], local[b]) for a, b in edges if a in local and b in local]
    held = [rooms[k] for k in members]
    grid = _grid([rank[k] - first for k in members], inner)
    spots = _spots(held, grid)
    pieces = [
        r.inside.at(x, y + (0.0 if r.folded else TITLE)) for r, (x, y) in zip(held, spots, strict=False)
    ]
    boxes = [_box(r, spot) for r, spot in zip(held, spots, strict=False)]
    lowest = [b.y + b.height for b in boxes] + [y + BEND_ROOM for _, y in spots[len(held) :]]
    links = _links(_Built(held, pieces, grid, spots), inner)
    columns = [grid.column_of[n] for n in range(len(held))]
    return Row(members, boxes, pieces, links, columns, max(lowest, default=0.0))


def _box(of: Room, at: Point) -> Box:
    return Box(
        zone=of.zone, x=at[0], y=at[1], width=of.inside.width, height=of.height, folded=of.folded, items=of.items,
        recipes=of.recipes,
    )  # fmt: skip


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
    shifted = [-highest + (t if k < len(half) else t + BEND_ROOM) for k, t in enumerate(tops)]
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
