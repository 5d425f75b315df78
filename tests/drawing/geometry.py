"""Geometry for the tests of pictures: rectangles of nodes and labels, points of ways."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise

from penstock.drawing import labels
from penstock.drawing.arrangement import Arrangement, Line, Placed, Point

Rectangle = tuple[float, float, float, float]
"""left, top, right, bottom"""


def shape(node: Placed) -> Rectangle:
    return (node.x - node.reach, node.y - node.reach, node.x + node.reach, node.y + node.reach)


def label(node: Placed) -> Rectangle:
    half = max(map(len, node.label)) * labels.LETTER / 2
    top = node.y + node.reach + 5
    return (node.x - half, top, node.x + half, top + labels.LINE * len(node.label))


def overlap(a: Rectangle, b: Rectangle) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def clashes(made: Arrangement) -> list[tuple[str, str]]:
    """Pairs of nodes whose shapes or labels cover each other."""
    found = []
    for one, other in combinations(made.nodes, 2):
        mine, theirs = (shape(one), label(one)), (shape(other), label(other))
        if any(overlap(a, b) for a in mine for b in theirs):
            found.append((one.node.id, other.node.id))
    return found


def crossed(made: Arrangement) -> list[tuple[str, str, str]]:
    """Ways that run through a node or a label that is not at one of their ends: start, end, the node in the way."""
    rectangles = [(node, rectangle) for node in made.nodes for rectangle in (shape(node), label(node))]
    found = []
    for way in made.ways:
        ends = {way.line[0], way.line[-1]}
        for x, y in points(way.line):
            for node, (left, top, right, bottom) in rectangles:
                touches = any(
                    abs(abs(end[0] - node.x) - node.reach) < 0.01 and end[1] == node.y for end in ends
                )
                if left < x < right and top < y < bottom and not touches:
                    found.append((way.start, way.end, node.node.id))
    return list(dict.fromkeys(found))


def points(line: Line) -> Iterator[Point]:
    """Points of a way, close enough to each other that nothing slips through."""
    for (x0, y0), (x1, y1) in pairwise(line):
        steps = max(8, int((abs(x1 - x0) + abs(y1 - y0)) / 6))
        for n in range(steps + 1):
            t = n / steps
            middle = (x0 + x1) / 2
            across = (1 - t) ** 3 * x0 + 3 * t * (1 - t) * middle + t**3 * x1
            down = (1 - t) ** 2 * (1 + 2 * t) * y0 + t**2 * (3 - 2 * t) * y1
            yield across, down


def bends(line: Line) -> int:
    """How often a way swings from one level to another."""
    return sum(1 for (_, a), (_, b) in pairwise(line) if abs(a - b) >= 0.5)
