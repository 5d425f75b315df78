"""Pages of dashboards as somebody sees them: what each tile shows now, whole or one by one, and what is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.core import page_filters, registry
from penstock.core.dashboard import Dashboard, Page, Placed
from penstock.core.page_filters import Filtering
from penstock.core.tile import Content, Tile
from penstock.runtime import people, tiles

if TYPE_CHECKING:
    from penstock.core.access import Identity
    from penstock.core.node import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A tile as somebody sees it."""

    placed: Placed
    title: str
    content: Content
    subjects: tuple[tuple[str, str], ...]
    """The objects it shows: (sort, name); the sort is empty of one that is gone."""

    @property
    def key(self) -> str:
        return self.placed.key

    @property
    def tile(self) -> Tile:
        return self.placed.tile


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPage:
    """A page as somebody sees it."""

    name: str
    dashboard: Dashboard
    number: int
    page: Page
    tiles: tuple[Shown, ...]

    @property
    def title(self) -> str:
        return self.dashboard.page_title(self.number)


def show(
    node: Node, project: str, name: str, number: int = 1, *, who: Identity | None = None, filters: str = "",
    only: Iterable[str] | None = None,
) -> ShownPage:  # fmt: skip
    """A page with what its tiles show now; with `only`, those of some keys. `filters` as an address says them."""
    loaded = node.projects.load(project)
    found = loaded.dashboard(name)
    chosen = filtering(found.page(number), filters)
    wanted = None if only is None else set(only)
    with tiles.looking(node, loaded, name, who=who, filtering=chosen) as ctx:
        shown = [_shown(p, ctx) for p in found.placed(number) if wanted is None or p.key in wanted]
    page = found.page(number)
    return ShownPage(name=name, dashboard=found, number=number, page=page, tiles=tuple(shown))


def draft(
    node: Node, project: str, name: str, dashboard: Dashboard, number: int = 1, *, who: Identity | None = None
) -> ShownPage:  # fmt: skip
    """A page of a dashboard that is not saved yet, as it would be shown."""
    loaded = node.projects.load(project)
    page = dashboard.page(number)
    with tiles.looking(node, loaded, name, who=who, filtering=filtering(page, "")) as ctx:
        shown = tuple(_shown(p, ctx) for p in dashboard.placed(number))
    return ShownPage(name=name, dashboard=dashboard, number=number, page=page, tiles=shown)


def outline(
    node: Node, project: str, name: str, number: int = 1, *, who: Identity | None = None
) -> ShownPage:
    """A page where tiles that read rows have title and place only; what they show is asked for one by one."""
    loaded = node.projects.load(project)
    found = loaded.dashboard(name)
    with tiles.looking(node, loaded, name, who=who) as ctx:
        shown = tuple(_titled(p, ctx) if p.tile.READS else _shown(p, ctx) for p in found.placed(number))
    return ShownPage(name=name, dashboard=found, number=number, page=found.page(number), tiles=shown)


def tile(
    node: Node, project: str, name: str, key: str, *, page: int = 1, who: Identity | None = None, filters: str = ""
) -> Shown:  # fmt: skip
    """One tile with what it shows now. Raises NotFound for a key the page does not have."""
    node.projects.load(project).dashboard(name).find(page, key)
    return show(node, project, name, page, who=who, filters=filters, only=[key]).tiles[0]


def preview(
    node: Node, project: str, fields: Mapping[str, Any], *, who: Identity | None = None,
    among: Page | None = None,
) -> Shown:  # fmt: skip
    """What a tile would show; nothing is saved. Raises InvalidDefinition naming the field."""
    parsed = as_tile(fields)
    loaded = node.projects.load(project)
    placed = Placed(page=1, key=parsed.id or "preview", tile=parsed, box=parsed.place.box)
    with tiles.looking(node, loaded, "", who=who, filtering=filtering(among or Page(), "")) as ctx:
        return _shown(placed, ctx)


def filtering(page: Page, filters: str) -> Mapping[str, Filtering]:
    """What is chosen for each dataset of a page: by its panels, and by the address over them."""
    chosen = page_filters.parse(filters) if filters else ()
    panels: dict[str, list[page_filters.Chosen]] = {}
    for one in page.tiles:
        defaults = getattr(one, "defaults", None)
        if callable(defaults):
            panels.setdefault(str(getattr(one, "dataset", "")), []).extend(defaults())
    if not panels:
        panels = {str(d): [] for one in page.tiles if (d := getattr(one, "dataset", ""))}
    return page_filters.of_datasets(panels, chosen)


def stamps(node: Node, project: str, name: str, number: int) -> Mapping[str, str]:
    """Key of each tile of a page → a text that changes when what it shows may have changed. Quick."""
    loaded = node.projects.load(project)
    known: dict[tuple[str, str], str] = {}
    found = {}
    for placed in loaded.dashboard(name).placed(number):
        parts = tiles.subjects(placed.tile, loaded)
        for subject in parts:
            if subject not in known:
                known[subject] = tiles.stamp(node, loaded, *subject)
        found[placed.key] = " ".join(known[subject] for subject in parts)
    return found


def touched(node: Node, project: str, name: str, number: int, objects: Iterable[str]) -> list[str]:
    """Keys of the tiles of a page that show one of these objects, by name: those to show anew after a run."""
    loaded = node.projects.load(project)
    wanted = set(objects)
    return [
        p.key
        for p in loaded.dashboard(name).placed(number)
        if wanted & {name for _, name in tiles.subjects(p.tile, loaded)}
    ]


def unauthorised(node: Node, project: str, name: str) -> list[tuple[str, str]]:
    """Objects on a dashboard that people who only see dashboards would not see there."""
    loaded = node.projects.load(project)
    listed = {(a.sort, a.name) for a in people.authorised(node, project)}
    found = (s for p in loaded.dashboard(name).tiles() for s in tiles.subjects(p.tile, loaded))
    return [s for s in dict.fromkeys(found) if s[0] and s not in listed]


def as_tile(fields: Mapping[str, Any]) -> Tile:
    """A tile from plain values. Raises InvalidDefinition naming the field."""
    tile = registry.parse("tiles", fields)
    assert isinstance(tile, Tile)
    return tile


def _shown(placed: Placed, ctx: tiles.TileAccess) -> Shown:
    return Shown(
        placed=placed, title=tiles.title_of(placed.tile, ctx), content=tiles.content_of(placed.tile, ctx),
        subjects=tuple(tiles.subjects(placed.tile, ctx.project)),
    )  # fmt: skip


def _titled(placed: Placed, ctx: tiles.TileAccess) -> Shown:
    """A tile without what it shows."""
    return Shown(
        placed=placed, title=tiles.title_of(placed.tile, ctx), content=Content(parts=()),
        subjects=tuple(tiles.subjects(placed.tile, ctx.project)),
    )  # fmt: skip
