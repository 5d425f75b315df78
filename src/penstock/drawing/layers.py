"""Layers: a graph in columns, edges going forward, few crossings. fast-sugiyama ranks and orders; long edges are cut
into pieces of one column by vertices that nobody sees, so that they get a way of their own past every node."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

Edge = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Layered:
    """A connected graph in columns. Vertices from `real` on are bends of long edges and ports at the rims."""

    columns: list[list[int]]
    """Vertices of each column, top to bottom."""
    real: int
    pieces: list[Edge]
    """Every edge between neighbouring columns."""
    ways: dict[Edge, list[int]]
    """Edge → the vertices it passes, both ends among them, from left to right."""
    entries: dict[int, list[int]]
    """Vertex → the way from the left rim to it."""
    exits: dict[int, list[int]]
    """Vertex → the way from it to the right rim."""


def components(count: int, edges: Iterable[Edge]) -> list[list[int]]:
    """The connected parts of a graph, each in ascending order, by their first vertex."""
    root = list(range(count))

    def find(vertex: int) -> int:
        while root[vertex] != vertex:
            root[vertex] = root[root[vertex]]
            vertex = root[vertex]
        return vertex

    for start, end in edges:
        a, b = find(start), find(end)
        root[max(a, b)] = min(a, b)
    found: dict[int, list[int]] = {}
    for vertex in range(count):
        found.setdefault(find(vertex), []).append(vertex)
    return list(found.values())


def forward(count: int, edges: Sequence[Edge]) -> list[Edge]:
    """The edges with those turned round that close a circle, so that what is left has none."""
    after: list[list[int]] = [[] for _ in range(count)]
    for start, end in edges:
        after[start].append(end)
    turned: set[Edge] = set()
    state = [0] * count
    for first in range(count):
        if state[first]:
            continue
        state[first] = 1
        path = [(first, iter(after[first]))]
        while path:
            vertex, rest = path[-1]
            following = next(rest, None)
            if following is None:
                state[vertex] = 2
                path.pop()
            elif state[following] == 1:
                turned.add((vertex, following))
            elif state[following] == 0:
                state[following] = 1
                path.append((following, iter(after[following])))
    straight = ((end, start) if (start, end) in turned else (start, end) for start, end in edges)
    return list(dict.fromkeys(e for e in straight if e[0] != e[1]))


def layered(
    count: int, edges: Sequence[Edge], *, twice: frozenset[Edge] = frozenset(),
    entering: Iterable[int] = (), leaving: Iterable[int] = (),
) -> Layered:  # fmt: skip
    """A connected graph without circles in columns.

    An edge of `twice` spans two columns at least. Vertices that are `entering` get a way from the left rim,
    those `leaving` one to the right rim.
    """
    rank = _ranks(count, edges, twice)
    last = max(rank, default=0)
    growing = _Growing(rank)
    ways = {edge: growing.way(*edge) for edge in edges}
    entries = {v: growing.rim(v, -1)[::-1] for v in entering}
    exits = {v: growing.rim(v, last + 1) for v in leaving}
    columns = _ordered(growing)
    return Layered(columns, count, growing.pieces, ways, entries, exits)


class _Growing:
    """Columns under way: vertices are added for every column that an edge passes."""

    def __init__(self, rank: list[int]) -> None:
        self.rank = rank
        self.pieces: list[Edge] = []

    def way(self, start: int, end: int) -> list[int]:
        passed = [start, *(self._bend(r) for r in range(self.rank[start] + 1, self.rank[end])), end]
        self.pieces += pairwise(passed)
        return passed

    def rim(self, vertex: int, column: int) -> list[int]:
        """From a vertex to a port in a column beyond the others."""
        step = 1 if column > self.rank[vertex] else -1
        passed = [vertex, *(self._bend(r) for r in range(self.rank[vertex] + step, column + step, step))]
        pairs = pairwise(passed)
        self.pieces += [pair if step > 0 else (pair[1], pair[0]) for pair in pairs]
        return passed

    def _bend(self, column: int) -> int:
        self.rank.append(column)
        return len(self.rank) - 1


def _ranks(count: int, edges: Sequence[Edge], twice: frozenset[Edge]) -> list[int]:
    """The column of each vertex, the edges as short as can be. fast-sugiyama draws upwards: what begins is lowest."""
    cut: list[Edge] = []
    extra = count
    for edge in edges:
        if edge in twice:
            cut += [(edge[0], extra), (extra, edge[1])]
            extra += 1
        else:
            cut.append(edge)
    found = _positions(cut)
    levels = {y: n for n, y in enumerate(sorted({y for _, y in found.values()}, reverse=True))}
    return [levels[found[v][1]] if v in found else 0 for v in range(count)]


def _ordered(growing: _Growing) -> list[list[int]]:
    """The vertices of each column in an order with few crossings."""
    first = min(growing.rank, default=0)
    columns: list[list[int]] = [[] for _ in range(max(growing.rank, default=0) - first + 1)]
    for vertex, column in enumerate(growing.rank):
        columns[column - first].append(vertex)
    if growing.pieces:
        found = _positions(growing.pieces)
        for members in columns:
            members.sort(key=lambda v: (found[v][0] if v in found else 0.0, v))
    return columns


def _positions(edges: list[Edge]) -> dict[int, tuple[float, float]]:
    import fast_sugiyama

    if not edges:
        return {}
    layouts = fast_sugiyama.from_edges(edges, ranking_type="minimize", dummy_vertices=False)
    return {int(v): (float(x), float(y)) for part, *_ in layouts for v, (x, y) in part}
