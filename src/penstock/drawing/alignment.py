"""Alignment: how far down each vertex of a layered graph stands, so that edges run straight where they can.

U. Brandes, B. Köpf: Fast and Simple Horizontal Coordinate Assignment, Graph Drawing 2001, with vertices of different
heights: four alignments, each compact, and the middle of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

Edge = tuple[int, int]
Columns = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Extents:
    """How much room each vertex takes above and below its middle line, in pixels; air included."""

    above: Sequence[float]
    below: Sequence[float]

    def between(self, upper: int, lower: int) -> float:
        """The least distance of the middle lines of two neighbours."""
        return self.below[upper] + self.above[lower]


def place(columns: Columns, pieces: Sequence[Edge], extents: Extents, *, real: int) -> list[float]:
    """The y of every vertex. Edges connect neighbouring columns; vertices from `real` on are bends of long edges."""
    grid = _Grid.of(columns, pieces, extents, real)
    crossed = _conflicts(grid)
    drafts = [_draft(grid, crossed, back=b, up=u) for b in (False, True) for u in (False, True)]
    return _middle(drafts)


@dataclass(frozen=True, slots=True)
class _Grid:
    columns: Columns
    before: list[list[int]]
    """Vertex → its neighbours in the column before, top to bottom."""
    after: list[list[int]]
    at: list[int]
    """Vertex → its place in its column."""
    extents: Extents
    real: int

    @classmethod
    def of(cls, columns: Columns, pieces: Sequence[Edge], extents: Extents, real: int) -> _Grid:
        count = sum(map(len, columns))
        at = [0] * count
        for column in columns:
            for place, vertex in enumerate(column):
                at[vertex] = place
        before: list[list[int]] = [[] for _ in range(count)]
        after: list[list[int]] = [[] for _ in range(count)]
        for start, end in pieces:
            before[end].append(start)
            after[start].append(end)
        for links in (*before, *after):
            links.sort(key=lambda v: at[v])
        return cls(columns, before, after, at, extents, real)

    def upside_down(self) -> _Grid:
        """The same, mirrored: what was above is below."""
        columns = [column[::-1] for column in self.columns]
        at = list(self.at)
        for column in columns:
            for place, vertex in enumerate(column):
                at[vertex] = place
        return replace(
            self, columns=columns, at=at,
            before=[links[::-1] for links in self.before], after=[links[::-1] for links in self.after],
            extents=Extents(self.extents.below, self.extents.above),
        )  # fmt: skip

    def backwards(self) -> _Grid:
        """The same, read from the last column to the first."""
        return replace(self, columns=self.columns[::-1], before=self.after, after=self.before)


def _conflicts(grid: _Grid) -> set[Edge]:
    """Pieces that cross the inner piece of a long edge, which goes first: it is the one that must be straight."""
    found: set[Edge] = set()
    for left, right in pairwise(grid.columns):
        low, seen = 0, 0
        for place, vertex in enumerate(right):
            inner = _inner(grid, vertex)
            if inner is None and place < len(right) - 1:
                continue
            high = grid.at[inner] if inner is not None else len(left) - 1
            for checked in right[seen : place + 1]:
                found |= {(b, checked) for b in grid.before[checked] if not low <= grid.at[b] <= high}
            low, seen = high, place + 1
    return {edge for edge in found if edge[0] < grid.real or edge[1] < grid.real}


def _inner(grid: _Grid, vertex: int) -> int | None:
    """The bend that a bend of the same edge follows."""
    if vertex < grid.real:
        return None
    return next((b for b in grid.before[vertex] if b >= grid.real), None)


def _draft(grid: _Grid, crossed: set[Edge], *, back: bool, up: bool) -> tuple[bool, list[float]]:
    """One of the four: aligned with the column before or after, as far up or down as can be."""
    seen = grid.backwards() if back else grid
    seen = seen.upside_down() if up else seen
    root = _aligned(seen, crossed)
    found = _compact(seen, root)
    return up, [-y for y in found] if up else found


def _aligned(grid: _Grid, crossed: set[Edge]) -> list[int]:
    """Vertex → the first of those it stands in one line with."""
    count = len(grid.at)
    root, follower = list(range(count)), list(range(count))
    for column in grid.columns[1:]:
        reached = -1
        for vertex in column:
            links = grid.before[vertex]
            for link in links[(len(links) - 1) // 2 : len(links) // 2 + 1]:
                free = (link, vertex) not in crossed and (vertex, link) not in crossed
                if follower[vertex] == vertex and free and reached < grid.at[link]:
                    follower[link] = vertex
                    root[vertex] = root[link]
                    follower[vertex] = root[vertex]
                    reached = grid.at[link]
    return root


def _compact(grid: _Grid, root: list[int]) -> list[float]:
    """As far up as the order and the room of the lines allow, then down again to what follows them."""
    room: dict[Edge, float] = {}
    for column in grid.columns:
        for upper, lower in pairwise(column):
            pair = (root[upper], root[lower])
            room[pair] = max(room.get(pair, 0.0), grid.extents.between(upper, lower))
    lines = dict.fromkeys(root)
    above: dict[int, list[tuple[int, float]]] = {line: [] for line in lines}
    below: dict[int, list[tuple[int, float]]] = {line: [] for line in lines}
    for (upper, lower), distance in room.items():
        above[lower].append((upper, distance))
        below[upper].append((lower, distance))
    order = _downwards(above, below)
    y = dict.fromkeys(lines, 0.0)
    for line in order:
        y[line] = max((y[u] + d for u, d in above[line]), default=0.0)
    for line in reversed(order):
        lowest = min((y[b] - d for b, d in below[line]), default=None)
        if lowest is not None:
            y[line] = max(y[line], lowest)
    return [y[line] for line in root]


def _downwards(
    above: dict[int, list[tuple[int, float]]], below: dict[int, list[tuple[int, float]]]
) -> list[int]:
    waits = {line: len(upper) for line, upper in above.items()}
    ready = [line for line, count in waits.items() if not count]
    order: list[int] = []
    while ready:
        line = ready.pop()
        order.append(line)
        for lower, _ in below[line]:
            waits[lower] -= 1
            if not waits[lower]:
                ready.append(lower)
    return order


def _middle(drafts: list[tuple[bool, list[float]]]) -> list[float]:
    """The drafts moved onto the smallest of them; of each vertex the middle between its second and third place."""
    if not drafts[0][1]:
        return []
    smallest = min((max(ys) - min(ys), n) for n, (_, ys) in enumerate(drafts))[1]
    top, bottom = min(drafts[smallest][1]), max(drafts[smallest][1])
    moved = []
    for up, ys in drafts:
        shift = bottom - max(ys) if up else top - min(ys)
        moved.append([y + shift for y in ys])
    middle = [(sum(sorted(four)[1:3])) / 2 for four in zip(*moved, strict=True)]
    lowest = min(middle)
    return [y - lowest for y in middle]
