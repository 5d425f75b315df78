"""Sheets: a Flow on paper. One that would be too small to read is cut into parts: an overview, then part by part, each
with a word at every object that lies, or goes on, in another part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from penstock.core.document import Block, Picture, Svg, table
from penstock.core.picture import RECIPE, ZoneNode
from penstock.core.picture import Picture as FlowPicture
from penstock.drawing import flow
from penstock.drawing.arrangement import Arrangement
from penstock.drawing.zones import arrange

LETTERS, LEGIBLE = 11.0, 6.0
"""Pixels of the smallest letters of a drawing, and points they must have on paper."""
OVERSEEN = 4.5
"""The same for an overview, which says little."""
NATURAL = 0.72
"""Points of a pixel at most: a small Flow is not blown up."""
FEWEST = 3
"""Nodes of a part that is cut no further."""
HERE, THERE = "here", "elsewhere"


@dataclass(frozen=True, slots=True)
class Paper:
    """Room for a picture, in points."""

    width: float
    height: float

    def scale(self, made: Arrangement) -> float:
        """Points of a pixel, so that an arrangement has room."""
        return min(self.width / max(made.width, 1.0), self.height / max(made.height, 1.0), NATURAL)

    def holds(self, made: Arrangement) -> bool:
        """Whether people can read it there."""
        return self.scale(made) * LETTERS >= LEGIBLE


UPRIGHT, LYING = Paper(470.0, 560.0), Paper(717.0, 385.0)
"""An A4 page with margins and a caption."""


@dataclass(frozen=True, slots=True)
class Laid:
    """Blocks that stand for a picture of a Flow; `lying` when they want pages that lie on their side."""

    blocks: tuple[Block, ...]
    lying: bool


def laid(block: Picture, *, may_lie: bool = True) -> Laid:
    """What a document on paper shows of a Flow."""
    picture = block.drawn
    assert isinstance(picture, FlowPicture)
    whole = arrange(picture)
    for paper in (UPRIGHT, LYING) if may_lie else (UPRIGHT,):
        if paper.holds(whole):
            return Laid((_shown(whole, paper, block.caption, block.words),), paper is LYING)
    return Laid(tuple(_spread(picture, LYING if may_lie else UPRIGHT, block)), may_lie)


def _shown(made: Arrangement, paper: Paper, caption: str, words: str) -> Picture:
    share = paper.scale(made) * made.width / paper.width
    return Picture(drawn=Svg(flow.on_paper(made)), caption=caption, words=words, width=min(1.0, share))


def _spread(picture: FlowPicture, paper: Paper, block: Picture) -> Iterable[Block]:
    parts = _parts(picture, paper)
    home = {id: number for number, part in enumerate(parts, 1) for id in part.ids}
    many, caption = len(parts), block.caption.rstrip(".") or "The Flow"
    over = _overview(picture, parts)
    if over is not None and paper.scale(over) * LETTERS >= OVERSEEN:
        told = f"{caption}: its zones, with the numbers of the parts that follow."
        yield _shown(over, paper, told, block.words)
    yield _list(picture, parts, home)
    for number, part in enumerate(parts, 1):
        notes = _notes(picture, part.ids, home, number)
        zone = f", zone {part.zone.title}" if len(picture.boxes) > 1 else ""
        told = f"{caption}, part {number} of {many}{zone}."
        yield _shown(_drawn(picture, part.ids, notes), paper, told, told)


# parts ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """Some of a zone's nodes, few enough to be read on one page."""

    zone: ZoneNode
    ids: frozenset[str]


def _parts(picture: FlowPicture, paper: Paper) -> list[Part]:
    """Zone by zone in the order of the Flow; what is too large in two, again and again."""
    place = _places(picture)
    found = []
    zones = picture.boxes or (ZoneNode(name=HERE, title="", color=""),)
    held = {zone.name: [n.id for n in picture.nodes if n.zone == zone.name] for zone in zones}
    if len(zones) == 1:
        held = {zones[0].name: [n.id for n in picture.nodes]}
    for zone in sorted(zones, key=lambda z: min((place[id] for id in held[z.name]), default=0)):
        if held[zone.name]:
            found += [Part(zone, ids) for ids in _cut(picture, frozenset(held[zone.name]), paper)]
    return found


def _places(picture: FlowPicture) -> dict[str, int]:
    """When each node has its turn: a recipe when it runs, an object when it is made or first read."""
    place = {recipe.id: n for n, recipe in enumerate(picture.recipes)}
    for n, recipe in enumerate(picture.recipes):
        for item in (*recipe.outputs, *recipe.inputs):
            place.setdefault(item, n)
    return {node.id: place.get(node.id, len(place)) for node in picture.nodes}


def _cut(picture: FlowPicture, ids: frozenset[str], paper: Paper) -> list[frozenset[str]]:
    made = _drawn(picture, ids, dict.fromkeys(_shared(picture, ids), "→"))
    if len(ids) <= FEWEST or paper.holds(made):
        return [ids]
    spots = {n.node.id: (n.x, n.y) for n in made.nodes if not n.ghost}
    is_wide = made.width / paper.width >= made.height / paper.height
    edges = [e for e in picture.edges() if e[0] in ids and e[1] in ids]
    for axis in (0, 1) if is_wide else (1, 0):
        first = _half({id: spot[axis] for id, spot in spots.items()}, edges)
        if first:
            return [*_cut(picture, first, paper), *_cut(picture, ids - first, paper)]
    return [ids]


def _shared(picture: FlowPicture, ids: frozenset[str]) -> set[str]:
    """Objects that stand on both sides of the rim of a part, which get a word about it."""
    inside = {end for r in picture.recipes if r.id in ids for end in (*r.inputs, *r.outputs)}
    outside = {end for r in picture.recipes if r.id not in ids for end in (*r.inputs, *r.outputs)}
    outside |= {b for i in picture.items if i.id not in ids for b in i.behind}
    return (inside - ids) | (outside & ids)


def _half(along: Mapping[str, float], edges: Sequence[tuple[str, str]]) -> frozenset[str]:
    """The nodes before the line, near the middle, that cuts the fewest edges; empty when all stand at one place."""
    order = sorted(along, key=lambda id: (along[id], id))
    places = [n for n in range(1, len(order)) if along[order[n]] - along[order[n - 1]] > 1]
    near = [n for n in places if 0.3 <= n / len(order) <= 0.7] or places
    if not near:
        return frozenset()

    def cost(n: int) -> tuple[int, float]:
        line = along[order[n]]
        cut = sum(1 for a, b in edges if (along[a] < line) != (along[b] < line))
        return cut, abs(n / len(order) - 0.5)

    return frozenset(order[: min(near, key=cost)])


def _drawn(picture: FlowPicture, ids: frozenset[str], notes: Mapping[str, str]) -> Arrangement:
    """A part by itself, with the objects it shares with others as likenesses."""
    recipes = tuple(replace(r, zone=HERE) for r in picture.recipes if r.id in ids)
    shown = ids | {i for r in recipes for i in (*r.inputs, *r.outputs)}
    shown |= {b for i in picture.items if i.id in ids for b in i.behind}
    items = (replace(i, zone=HERE if i.id in ids else THERE) for i in picture.items if i.id in shown)
    only = replace(
        picture, items=tuple(items), recipes=recipes, boxes=(ZoneNode(name=HERE, title="", color=""),)
    )
    return arrange(only, notes=notes)


# where it goes on ----------------------------------------------------------------------------------------------------


def _notes(picture: FlowPicture, ids: frozenset[str], home: Mapping[str, int], number: int) -> dict[str, str]:
    """Object → the part it lies in, or the parts that show it too."""
    shown = _showing(picture, home)
    notes = {}
    for item, parts in shown.items():
        others = sorted(parts - {number})
        if item in ids and others:
            notes[item] = f"→ {_numbers(others)}"
        elif item in home and number in parts and home[item] != number:
            notes[item] = f"part {home[item]}"
    return notes


def _showing(picture: FlowPicture, home: Mapping[str, int]) -> dict[str, set[int]]:
    """Object → every part where something reads or writes it."""
    found: dict[str, set[int]] = defaultdict(set)
    for recipe in picture.recipes:
        for item in (*recipe.inputs, *recipe.outputs):
            found[item].add(home[recipe.id])
    for one in picture.items:
        for behind in one.behind:
            found[behind].add(home[one.id])
    return found


def _numbers(found: Sequence[int]) -> str:
    """`2, 4–6`; a long list is cut."""
    runs: list[list[int]] = []
    for number in sorted(found):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    said = [str(r[0]) if len(r) == 1 else f"{r[0]}–{r[-1]}" for r in runs]
    return ", ".join(said)


def _overview(picture: FlowPicture, parts: Sequence[Part]) -> Arrangement | None:
    """Every zone as one box with the numbers of its parts; None without zones."""
    if len(picture.boxes) <= 1:
        return None
    of: dict[str, list[int]] = defaultdict(list)
    for number, part in enumerate(parts, 1):
        of[part.zone.name].append(number)
    boxes = tuple(
        replace(box, title=f"{box.title} ({_numbers(of[box.name])})") for box in picture.boxes if of[box.name]
    )
    return arrange(replace(picture, boxes=boxes), folded=[box.name for box in boxes])


def _list(picture: FlowPicture, parts: Sequence[Part], home: Mapping[str, int]) -> Block:
    """What each part holds and where it comes from and goes on."""
    at: dict[int, tuple[set[int], set[int]]] = {n: (set(), set()) for n in range(1, len(parts) + 1)}
    for start, end in picture.edges():
        a, b = home[start], home[end]
        if a != b:
            at[a][1].add(b)
            at[b][0].add(a)
    rows = []
    for number, part in enumerate(parts, 1):
        before, after = at[number]
        recipes = sum(1 for id in part.ids if id.startswith(RECIPE))
        rows.append([
            str(number), part.zone.title or "–", str(len(part.ids) - recipes), str(recipes),
            _numbers(sorted(before)) or "–", _numbers(sorted(after)) or "–",
        ])  # fmt: skip
    return table(["Part", "Zone", "Objects", "Recipes", "Comes from parts", "Goes on in parts"], rows)
