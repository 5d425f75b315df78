"""The Flow as one SVG: the page, the wiki, documents and mails show the same. Every colour stands in an attribute, for
what prints or reads no CSS; classes and CSS variables over it follow the theme. No style attribute anywhere."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from penstock.core.picture import STATE_WORDS, ItemNode, Picture, RecipeNode, State
from penstock.drawing import labels
from penstock.drawing.arrangement import Arrangement, Box, Line, Placed, Point, Way
from penstock.drawing.glyphs import GLYPHS, SIGNS, glyph_of, look_of
from penstock.drawing.zones import arrange

COLOURS = {
    "dataset": "#2f6fed", "folder": "#2f6fed", "model": "#2f9e44", "store": "#2f9e44", "visual": "#d98500",
    "code": "#e8590c", "ml": "#2b8a3e", "plugin": "#d6336c",
}  # fmt: skip
STATE_COLOURS: dict[State, str] = {
    "success": "#2f9e44", "warning": "#c2690a", "failed": "#c62f2f", "aborted": "#7b8494", "running": "#2f6fed",
    "stale": "#7048c9",
}  # fmt: skip
CORNER = 9.0
"""How round corners are."""
INK, SOFT, EDGE, GROUND, ZONE = "#1d2733", "#667382", "#aab4c0", "#ffffff", "#7b8494"
NOTE = "#2457c5"
"""Of words about where a Flow goes on."""
FONT = "Inter, 'Segoe UI', 'Liberation Sans', 'DejaVu Sans', Helvetica, Arial, sans-serif"
WORDS = {"dataset": "Dataset", "folder": "Folder", "model": "Model", "store": "Evaluation store"}
SHAPES = {
    "dataset": "M-15-21h30a6 6 0 0 1 6 6v30a6 6 0 0 1-6 6h-30a6 6 0 0 1-6-6v-30a6 6 0 0 1 6-6z",
    "folder": "M-16-20h10l5 5h17a5 5 0 0 1 5 5v25a5 5 0 0 1-5 5h-32a5 5 0 0 1-5-5v-30a5 5 0 0 1 5-5z",
    "model": "M-4-23.300a5.7 5.7 0 0 1 8 0l19.3 19.300a5.7 5.7 0 0 1 0 8l-19.3 19.300a5.7 5.7 0 0 1-8 0"
    "l-19.3-19.300a5.7 5.7 0 0 1 0-8z",
    "recipe": "M0-19a19 19 0 1 0 0 38a19 19 0 1 0 0-38z",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """What a picture shows besides the Flow itself."""

    folded: Collection[str] = ()
    """Zones drawn as one small box each."""
    selected: Collection[str] = ()
    """Ids of nodes with a ring."""
    halos: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Item or recipe id → a colour around it and what it means: how a view tells tags or connections."""
    links: Mapping[str, str] = field(default_factory=dict)
    """Id → the address its node leads to."""
    alone: bool = True
    """It stands for itself and carries its CSS; false inside a page, which links it."""


PLAIN = Looks()


def svg(picture: Picture, looks: Looks = PLAIN) -> str:
    """The picture as SVG text."""
    return draw(arrange(picture, folded=looks.folded), looks)


def png(picture: Picture, looks: Looks = PLAIN, *, scale: float = 2.0) -> bytes:
    """The picture as a PNG, for mails and documents; no browser."""
    import vl_convert

    image: bytes = vl_convert.svg_to_png(_bare(svg(picture, looks)), scale=scale)
    return image


def on_paper(made: Arrangement) -> str:
    """An arrangement as SVG without CSS, for what reads none."""
    return _bare(draw(made))


def _bare(drawn: str) -> str:
    return re.sub(r"<style>.*?</style>", "", drawn, flags=re.DOTALL)


@cache
def css() -> str:
    """The CSS of the picture, as a page links it."""
    return (Path(__file__).parent / "flow.css").read_text(encoding="utf-8")


def draw(made: Arrangement, looks: Looks = PLAIN) -> str:
    """An arrangement as SVG text."""
    width, height = max(made.width, 1.0), max(made.height, 1.0)
    size = f'viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" height="{_n(height)}"'
    spoken = escape(_spoken(made))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="flow" {size} role="group" aria-label={quoteattr(spoken)} '
        f'font-family="{FONT}" fill="none" stroke-linecap="round" stroke-linejoin="round">',
        f"<title>{spoken}</title>" if looks.alone else "",
        f"<style>{_own_css()}</style>" if looks.alone else "",
        f"<defs>{_definitions(made)}</defs>",
        f'<rect class="ground" width="{_n(width)}" height="{_n(height)}" fill="{GROUND}"/>'
        if looks.alone
        else "",
        '<g class="canvas">',
        *(_box(box) for box in made.boxes),
        f'<g class="edges" stroke="{EDGE}" stroke-width="1.6">{"".join(map(_way, made.ways))}</g>',
        *(_node(node, looks) for node in made.nodes),
        "</g></svg>",
    ]
    return "".join(parts)


@cache
def _own_css() -> str:
    """Alone, a picture follows the reader's system; inside a page, the page's theme."""
    dark = r'\[data-bs-theme="dark"\] \.flow \{(.*?)\}'
    text = re.sub(dark, r"@media (prefers-color-scheme:dark){.flow{\1}}", css(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)).strip()


def _spoken(made: Arrangement) -> str:
    items = sum(1 for n in made.nodes if isinstance(n.node, ItemNode) and not n.ghost)
    recipes = sum(1 for n in made.nodes if isinstance(n.node, RecipeNode))
    items += sum(b.items for b in made.boxes if b.folded)
    recipes += sum(b.recipes for b in made.boxes if b.folded)
    zones = f" in {len(made.boxes)} zones" if made.boxes else ""
    return f"Flow of {items} objects and {recipes} recipes{zones}"


def _definitions(made: Arrangement) -> str:
    used = dict.fromkeys(glyph_of(n.node) for n in made.nodes)
    tip = (
        '<marker id="flow-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
        'markerUnits="userSpaceOnUse" orient="auto-start-reverse">'
        f'<path class="tip" d="M0 .8L7 4 0 7.2z" fill="{EDGE}"/></marker>'
    )
    drawn = {
        **{f"shape-{name}": shape for name, shape in SHAPES.items()},
        **{f"glyph-{name}": GLYPHS[name] for name in used},
        **{f"sign-{name}": sign for name, sign in SIGNS.items()},
    }
    return tip + "".join(f'<path id="flow-{name}" d="{d}"/>' for name, d in drawn.items())


# zones and edges -----------------------------------------------------------------------------------------------------


def _box(box: Box) -> str:
    colour = box.zone.color or ZONE
    said = f"{_count(box.items, 'object')}, {_count(box.recipes, 'recipe')}"
    x, y = _n(box.x), _n(box.y)
    middle = _n(box.y + (box.height / 2 - 6 if box.folded else 22))
    parts = [
        f'<g class="zone{" folded" if box.folded else ""}" data-zone={quoteattr(box.zone.name)} role="group" '
        f"aria-label={quoteattr(f'Zone {box.zone.title}: {said}')}>",
        f'<rect x="{x}" y="{y}" width="{_n(box.width)}" height="{_n(box.height)}" rx="14" fill="{colour}" '
        f'fill-opacity="{".12" if box.folded else ".055"}" stroke="{colour}" stroke-opacity=".4" stroke-width="1.2"/>',
        f'<g class="fold" data-fold={quoteattr(box.zone.name)}>'
        f'<rect x="{x}" y="{y}" width="{_n(box.width)}" height="{_n(box.height if box.folded else 34)}" rx="14" '
        'fill="#fff" fill-opacity="0"/>'
        f'<path d="{_chevron(box)}" stroke="{colour}" stroke-width="2"/>'
        f'<text class="title" x="{_n(box.x + 34)}" y="{middle}" dy="4" font-size="13" font-weight="600" '
        f'fill="{INK}">{escape(box.zone.title)}</text></g>',
    ]
    if box.folded:
        parts.append(
            f'<text class="count" x="{_n(box.x + 34)}" y="{_n(box.y + box.height / 2 + 18)}" font-size="11.5" '
            f'fill="{SOFT}">{said}</text>'
        )
    return "".join([*parts, "</g>"])


def _chevron(box: Box) -> str:
    x, y = box.x + 20, box.y + (box.height / 2 - 6 if box.folded else 22)
    return f"M{_n(x - 2)} {_n(y - 4)}l4 4-4 4" if box.folded else f"M{_n(x - 4)} {_n(y - 2)}l4 4 4-4"


def _way(way: Way) -> str:
    kind = "link" if way.between_zones else "edge"
    dashes = ' stroke-dasharray="2 5"' if way.between_zones else ""
    tip = "" if way.between_zones else f' marker-{"start" if way.turned else "end"}="url(#flow-tip)"'
    ends = f"data-from={quoteattr(way.start)} data-to={quoteattr(way.end)}"
    return f'<path class="{kind}" {ends} d="{path(way.line)}"{dashes}{tip}/>'


def path(line: Line) -> str:
    """A way as path data: level and upright pieces are straight with round corners, between two levels it swings."""
    x, y = line[0]
    said = [f"M{_n(x)} {_n(y)}"]
    for n, (to_x, to_y) in enumerate(line[1:], start=1):
        if abs(to_y - y) < 0.5 or abs(to_x - x) < 0.5:
            corner = n + 1 < len(line) and _turns((x, y), (to_x, to_y), line[n + 1])
            said.append(_rounded((x, y), (to_x, to_y), line[n + 1]) if corner else f"L{_n(to_x)} {_n(to_y)}")
        else:
            middle = _n((x + to_x) / 2)
            said.append(f"C{middle} {_n(y)} {middle} {_n(to_y)} {_n(to_x)} {_n(to_y)}")
        x, y = to_x, to_y
    return "".join(said)


def _turns(a: Point, b: Point, c: Point) -> bool:
    """Whether a way turns at `b` from level to upright or back."""
    upright = (abs(a[0] - b[0]) < 0.5, abs(b[0] - c[0]) < 0.5)
    level = (abs(a[1] - b[1]) < 0.5, abs(b[1] - c[1]) < 0.5)
    return (level[0] and upright[1]) or (upright[0] and level[1])


def _rounded(a: Point, b: Point, c: Point) -> str:
    before, after = _towards(b, a), _towards(b, c)
    return f"L{_n(before[0])} {_n(before[1])}Q{_n(b[0])} {_n(b[1])} {_n(after[0])} {_n(after[1])}"


def _towards(corner: Point, end: Point) -> Point:
    """A point a little way from a corner."""
    far = abs(end[0] - corner[0]) + abs(end[1] - corner[1])
    share = min(CORNER, far / 2) / far if far else 0.0
    return corner[0] + (end[0] - corner[0]) * share, corner[1] + (end[1] - corner[1]) * share


# nodes ---------------------------------------------------------------------------------------------------------------


def _node(placed: Placed, looks: Looks) -> str:
    node = placed.node
    title = f"<title>{escape(_told(placed, looks))}</title>"
    facts = (
        f"data-id={quoteattr(node.id)} data-name={quoteattr(node.name)} data-kind={quoteattr(node.kind)} "
        f'data-type="{getattr(node, "type", "recipe")}" data-zone={quoteattr(node.zone)} data-state="{node.state}"'
    )
    at = f'transform="translate({_n(placed.x)} {_n(placed.y)})"'
    inner = title + _halo(placed, looks) + _shape(placed) + _badge(placed) + _label(placed)
    drawn = f'<g class="{_classes(placed, looks)}" {at} {facts} role="img">{inner}</g>'
    address = looks.links.get(node.id)
    return f"<a href={quoteattr(address)}>{drawn}</a>" if address else drawn


def _classes(placed: Placed, looks: Looks) -> str:
    node = placed.node
    side = "recipe" if isinstance(node, RecipeNode) else "item"
    found = ["node", side, look_of(node), node.state]
    found += ["ghost"] if placed.ghost else []
    found += ["hollow"] if _is_hollow(placed) else []
    found += ["selected"] if node.id in looks.selected else []
    return " ".join(found)


def _is_hollow(placed: Placed) -> bool:
    return placed.ghost or (isinstance(placed.node, ItemNode) and placed.node.foreign)


def _told(placed: Placed, looks: Looks) -> str:
    """What a reader of the screen hears, and what stands beside the pointer."""
    node = placed.node
    kind = f"{node.kind} recipe" if isinstance(node, RecipeNode) else WORDS[look_of(node)].lower()
    silent = isinstance(node, RecipeNode) and node.state in ("never", "success")
    where = (
        f", lies in zone {node.zone}" if placed.ghost else "" if silent else f", {STATE_WORDS[node.state]}"
    )
    why = f": {node.why}" if node.why and not placed.ghost else ""
    _, group = looks.halos.get(node.id, ("", ""))
    return f"{node.title or node.name}, {kind}{where}{why}{f'; {group}' if group else ''}"


def _halo(placed: Placed, looks: Looks) -> str:
    colour, said = looks.halos.get(placed.node.id, ("", ""))
    if not colour:
        return ""
    return (
        f'<circle class="halo" r="{_n(placed.reach + 10)}" fill="{colour}" fill-opacity=".32" '
        f"data-halo={quoteattr(said)}/>"
    )


def _shape(placed: Placed) -> str:
    look = look_of(placed.node)
    colour = COLOURS[look]
    shape = "dataset" if look == "store" else look if look in SHAPES else "recipe"
    dotted = placed.node.state == "never" and shape != "recipe" and not placed.ghost
    empty = dotted or _is_hollow(placed)
    dashes = ' stroke-dasharray="1 4.5"' if dotted else ' stroke-dasharray="4 3"' if placed.ghost else ""
    size = 21 if shape == "recipe" else 25
    down = 2 if shape == "folder" else 0
    drawn = (
        f'<use class="shape" href="#flow-shape-{shape}" fill="{GROUND if empty else colour}" stroke="{colour}" '
        f'stroke-width="1.8"{dashes}/><use class="glyph" href="#flow-glyph-{glyph_of(placed.node)}" '
        f'stroke="{colour if empty else "#fff"}" stroke-width="1.7" '
        f'transform="translate({-size / 2:g} {down - size / 2:g}) scale({size / 24:.3g})"/>'
    )
    return f'<g transform="scale({placed.reach / 22:.3g})">{drawn}</g>' if placed.ghost else drawn


def _badge(placed: Placed) -> str:
    state = placed.node.state
    if state not in SIGNS or placed.ghost or (isinstance(placed.node, RecipeNode) and state == "success"):
        return ""
    at = f"translate({_n(placed.reach - 2)} {_n(3 - placed.reach)})"
    return (
        f'<g class="badge" transform="{at}"><circle r="9.5" fill="{GROUND}"/>'
        f'<circle class="disc" r="8" fill="{STATE_COLOURS[state]}"/><use class="sign" href="#flow-sign-{state}" '
        'stroke="#fff" stroke-width="3.4" transform="translate(-6 -6) scale(.5)"/></g>'
    )


def _label(placed: Placed) -> str:
    muted = placed.ghost or isinstance(placed.node, RecipeNode)
    top = placed.reach + 15
    lines = [(line, "") for line in placed.label]
    lines += [(placed.note, f' fill="{NOTE}" font-weight="600"')] if placed.note else []
    spans = "".join(
        f'<tspan x="0" y="{_n(top + n * labels.LINE)}"{look}>{escape(line)}</tspan>'
        for n, (line, look) in enumerate(lines)
    )
    return (
        f'<text class="label" text-anchor="middle" font-size="{"11" if muted else "11.5"}" '
        f'fill="{SOFT if muted else INK}">{spans}</text>'
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _n(value: float) -> str:
    """A number, short: whole where it can be."""
    return f"{value:.1f}".removesuffix(".0")
