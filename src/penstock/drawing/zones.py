"""Zones: rooms in reading order, from left to right and, where that gets too wide for a screen, in rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

from penstock.core.picture import Picture, ZoneNode
from penstock.drawing import layers
from penstock.drawing.arrangement import APART, GAP, PADDING, Arrangement, Line, Way, plain
from penstock.drawing.rooms import Room, room
from penstock.drawing.rows import Row, row

Edge = layers.Edge
CHANNEL, STEP, STEPS, MOST_STEPS = 64.0, 5.0, 6, 24
"""Between two rows of zones: room for the ways from one to the next, how far apart these run, and in how many lanes."""
SCREEN = (1400.0, 740.0)
WORTH = 1.15
"""How much larger the picture must get to be broken into rows."""
MOST_COLUMNS = 16


def arrange(
    picture: Picture, *, folded: Collection[str] = (), notes: Mapping[str, str] = MappingProxyType({})
) -> Arrangement:
    """Where everything stands. Zones in `folded` are drawn as one small box each; `notes` are words below the labels
    of nodes, where a picture has no zones. The same picture always gives the
    same arrangement."""
    drawn = _drawn(picture)
    rooms = [room(picture, zone, folded=zone.name in folded, notes=notes) for zone in drawn]
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
    rows: list[Row] = []
    below = APART
    for members in _rows(rooms, rank):
        placed = row(rooms, rank, edges, members).at(below)
        rows.append(placed)
        below = placed.bottom + CHANNEL
    steps = _steps(rows, edges)
    right = max((b.x + b.width for r in rows for b in r.boxes), default=0.0)
    bottom = max((r.bottom for r in rows), default=0.0)
    return Arrangement(
        nodes=tuple(n for r in rows for p in r.pieces for n in p.nodes),
        ways=(
            *(w for r in rows for p in r.pieces for w in p.ways),
            *(w for r in rows for w in r.links),
            *steps,
        ),
        boxes=tuple(b for r in rows for b in r.boxes),
        width=right + APART + (STEP * min(len(steps), STEPS) if steps else 0.0),
        height=bottom + APART,
    )


# rows ----------------------------------------------------------------------------------------------------------------


def _rows(rooms: list[Room], rank: list[int]) -> list[list[int]]:
    """The columns of zones in one row or a few, whichever lets the whole be drawn largest on a screen."""
    columns = [[k for k, r in enumerate(rank) if r == c] for c in range(max(rank, default=0) + 1)]
    sizes = [
        (max(rooms[k].inside.width for k in c) + GAP, sum(rooms[k].height + APART for k in c))
        for c in columns
    ]
    best, scale = [range(len(columns))], _scale([sizes])
    for cuts in _cuts(len(columns)):
        parts = [range(a, b) for a, b in pairwise((0, *cuts, len(columns)))]
        found = _scale([sizes[p.start : p.stop] for p in parts])
        if found > scale * WORTH:
            best, scale = parts, found
    return [[k for c in part for k in columns[c]] for part in best]


def _cuts(columns: int) -> list[tuple[int, ...]]:
    """Where a row may end: one cut or two."""
    places = range(1, columns)
    found: list[tuple[int, ...]] = [(a,) for a in places]
    if columns <= MOST_COLUMNS:
        found += [(a, b) for a in places for b in places if a < b]
    return found


def _scale(rows: list[list[tuple[float, float]]]) -> float:
    width = max(sum(w for w, _ in row) for row in rows)
    height = sum(max(h for _, h in row) + CHANNEL for row in rows)
    return min(SCREEN[0] / width, SCREEN[1] / height, 1.0)


def _steps(rows: list[Row], edges: list[Edge]) -> list[Way]:
    """The ways from the end of a row to the beginning of the next: round the right end, between the rows, and in from
    the left. Of others, the likeness in the other zone says enough."""
    found: list[Way] = []
    right = max((b.x + b.width for r in rows for b in r.boxes), default=0.0)
    for above, below in pairwise(rows):
        for n, member in enumerate(above.members):
            for m, reader in enumerate(below.members):
                if (member, reader) not in edges or above.columns[n] < max(above.columns) or below.columns[m]:
                    continue
                leaves, enters = above.pieces[n].exits, below.pieces[m].entries
                for item in sorted(leaves.keys() & enters.keys()):
                    if len(found) < MOST_STEPS:
                        line = _step(leaves[item], enters[item], right, above.bottom, len(found) % STEPS)
                        found.append(Way(start=item, end=item, line=line, between_zones=True))
    return found


def _step(leave: Line, enter: Line, right: float, bottom: float, lane: int) -> Line:
    """Lanes keep ways apart from each other."""
    out, between, back = (
        right + 10 + STEP * lane,
        bottom + CHANNEL / 2 + STEP * (lane - STEPS / 2),
        APART - 8 - 2 * lane,
    )
    (_, first), (_, last) = leave[-1], enter[0]
    return (*plain([*leave, (out, first)]), (out, between), (back, between), (back, last), *enter)


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
