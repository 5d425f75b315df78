"""Where tiles stand on a page: boxes on a grid of 36 columns that never overlap. All pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

COLUMNS = 36
"""Cells from left to right; cells are square, rows go on downwards."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of cells; left and top count from 0."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def bottom(self) -> int:
        return self.top + self.height

    def overlaps(self, other: Box) -> bool:
        """Whether they have a cell in common."""
        return self.is_over(other) and self.top < other.bottom and other.top < self.bottom

    def is_over(self, other: Box) -> bool:
        """Whether they have a column in common."""
        return self.left < other.right and other.left < self.right

    def at(self, top: int) -> Box:
        return replace(self, top=top)


def settled(boxes: Sequence[Box], *, first: Collection[int] = ()) -> list[Box]:
    """The boxes, in their order, with none over another: whatever is in the way is pushed down.

    Those of the positions in `first` (locked, or just dropped there) are not pushed by the others.
    """
    return _placed(boxes, first, _pushed)


def stacked(boxes: Sequence[Box], *, first: Collection[int] = ()) -> list[Box]:
    """The boxes settled, then moved up as far as there is room; those in `first` stay where they are."""
    return _placed(settled(boxes, first=first), first, _lifted)


def free_place(boxes: Iterable[Box], width: int, height: int) -> Box:
    """Where a new box of that size fits: the highest place, then the leftmost one."""
    there = list(boxes)
    width = min(width, COLUMNS)
    tops = sorted({0, *(box.bottom for box in there)})
    places = (Box(left, top, width, height) for top in tops for left in range(COLUMNS - width + 1))
    return next(place for place in places if not any(place.overlaps(box) for box in there))


def height(boxes: Iterable[Box]) -> int:
    """How many rows they take."""
    return max((box.bottom for box in boxes), default=0)


def reading_order(boxes: Sequence[Box]) -> list[int]:
    """Positions from top to bottom, then from left to right: how a narrow screen and a screen reader go."""
    return sorted(range(len(boxes)), key=lambda n: (boxes[n].top, boxes[n].left, n))


def sheets(boxes: Sequence[Box], rows: int) -> list[list[tuple[int, Box]]]:
    """The boxes over several sheets of so many rows: none is cut; one that is higher than a sheet is made to fit.

    Each sheet: position of the box, and where it stands on that sheet.
    """
    found: list[list[tuple[int, Box]]] = []
    left, start = reading_order(boxes), 0
    while left:
        start = min(boxes[n].top for n in left)
        late = [boxes[n].top for n in left if boxes[n].bottom > start + rows and boxes[n].top > start]
        end = min([start + rows, *late])
        here = [n for n in left if boxes[n].top < end]
        found.append([(n, _on_sheet(boxes[n], start, rows)) for n in here])
        left = [n for n in left if n not in here]
    return found


def _on_sheet(box: Box, start: int, rows: int) -> Box:
    top = box.top - start
    return Box(box.left, top, box.width, min(box.height, rows - top))


def _placed(boxes: Sequence[Box], first: Collection[int], how: object) -> list[Box]:
    assert callable(how)
    order = reading_order(boxes)
    order = [n for n in order if n in first] + [n for n in order if n not in first]
    placed: dict[int, Box] = {}
    for n in order:
        there = list(placed.values())
        placed[n] = _pushed(boxes[n], there) if n in first else how(boxes[n], there)
    return [placed[n] for n in range(len(boxes))]


def _pushed(box: Box, there: Sequence[Box]) -> Box:
    """The box, as far down as it takes to be over none of them."""
    while in_the_way := [other for other in there if box.overlaps(other)]:
        box = box.at(min(other.bottom for other in in_the_way))
    return box


def _lifted(box: Box, there: Sequence[Box]) -> Box:
    """The box, moved up until it meets another one."""
    above = (other.bottom for other in there if other.is_over(box) and other.bottom <= box.top)
    return box.at(max(above, default=0))
