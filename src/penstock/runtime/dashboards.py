"""Dashboards: list, make, change, look at; publish objects to them, copy tiles, press their buttons."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from penstock.core import dashboard as rules
from penstock.core import page_filters, registry
from penstock.core.access import Permission
from penstock.core.dashboard import DEFAULT, Dashboard, Page, Placed
from penstock.core.errors import Conflict, Invalid, NotAllowed, NotFound
from penstock.core.grid import Box
from penstock.core.names import check_name
from penstock.core.page_filters import Filtering
from penstock.core.project import file_of
from penstock.core.tile import Button, Content, Tile
from penstock.runtime import asking, guards, people, tiles

if TYPE_CHECKING:
    from penstock.core.access import Identity
    from penstock.core.node import Node
    from penstock.core.project import Project
    from penstock.core.scenario import ScenarioRun

ID_LENGTH = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A dashboard in a list."""

    name: str
    title: str
    short_description: str
    owner: str
    promoted: bool
    pages: int
    tiles: int
    tags: tuple[str, ...]
    changed_by: str
    changed_at: datetime | None
    may_edit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A dashboard to be changed, and the hash of the file it was read from."""

    name: str
    dashboard: Dashboard
    base: str
    """Handed back when saving; empty of the default dashboard without a file."""


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


# which there are ------------------------------------------------------------------------------------------------------


def listing(node: Node, project: str, *, who: Identity | None = None) -> list[Listed]:
    """The dashboards of a project, the default one first. Who may only read dashboards sees the promoted ones."""
    who = who or guards.asking()
    loaded = node.projects.load(project)
    names = sorted(loaded.dashboards, key=lambda name: (name != DEFAULT, name))
    found = [_listed(node, loaded, name, who) for name in (names or [DEFAULT])]
    writes = who is None or people.may(node, who, Permission.WRITE_DASHBOARDS, project)
    return [one for one in found if one.promoted or writes]


def sketches(node: Node, project: str, names: Iterable[str]) -> dict[str, list[tuple[str, Box]]]:
    """Where the tiles of the first page of some dashboards stand, each with its kind: how a list shows them in
    small."""
    loaded = node.projects.load(project)
    found = {name: loaded.dashboard(name) for name in names}
    return {
        n: [(p.tile.kind_name(), p.box) for p in (d.placed(1) if d.pages else ())] for n, d in found.items()
    }


def definition(node: Node, project: str, name: str) -> Dashboard:
    """A dashboard as its file says now. Raises NotFound with the nearest name."""
    return node.projects.load(project).dashboard(name)


def opened(node: Node, project: str, name: str) -> Opened:
    """A dashboard to be changed."""
    found = definition(node, project, name)
    there = name in node.projects.load(project).dashboards
    base = node.projects.read(project, file_of("dashboard", name))[1] if there else ""
    return Opened(name=name, dashboard=found, base=base)


def may_edit(node: Node, project: str, dashboard: Dashboard, who: Identity | None) -> bool:
    """Whether somebody may change a dashboard: its owner, whoever moderates dashboards or designs the project."""
    who = who or guards.asking()
    if who is None or any(
        people.may(node, who, p, project) for p in (Permission.MODERATE_DASHBOARDS, Permission.WRITE)
    ):
        return True
    is_theirs = dashboard.owner in ("", who.login)
    return is_theirs and people.may(node, who, Permission.WRITE_DASHBOARDS, project)


# changing -------------------------------------------------------------------------------------------------------------


def create(
    node: Node, project: str, title: str, *, author: str, name: str = "", who: Identity | None = None
) -> str:
    """A new empty dashboard, as one commit; its name, made from the title unless given. Its author owns it."""
    who = who or guards.asking()
    if who is not None:
        people.require(node, who, Permission.WRITE_DASHBOARDS, project)
    made = check_name(name or _name_of(title))
    if made in node.projects.load(project).dashboards:
        raise Conflict(f"There is a dashboard '{made}' already.", hint="Choose another name.")
    _write(
        node, project, made, Dashboard(title=title, owner=author), author=author, message=f"Create dashboard {made}",
        base="",
    )  # fmt: skip
    return made


def save(
    node: Node, project: str, name: str, definition: Dashboard | Mapping[str, Any], *, author: str,
    base: str | None = None, who: Identity | None = None, message: str = "",
) -> Opened:  # fmt: skip
    """Write a dashboard, as one commit: no tile over another, every tile with an id. Its owner stays.

    `base` is the hash it was read with: when somebody saved it meanwhile SaveConflict shows what they did. Raises
    InvalidDefinition naming the field, and NotAllowed for those who may not change it.
    """
    before = node.projects.load(project).dashboards.get(check_name(name))
    check_editable(node, project, name, who)
    after = definition if isinstance(definition, Dashboard) else registry.validate(Dashboard, definition)
    after = after.changed(owner=before.owner if before else after.owner or author)
    _write(
        node, project, name, after, author=author, message=message or f"Change dashboard {name}", base=base
    )
    return opened(node, project, name)


def check_editable(node: Node, project: str, name: str, who: Identity | None) -> None:
    """Raise NotAllowed, saying who may, unless somebody may change a dashboard."""
    who = who or guards.asking()
    if who is None:
        return
    people.require(node, who, Permission.WRITE_DASHBOARDS, project)
    found = node.projects.load(project).dashboards.get(name, Dashboard())
    if not may_edit(node, project, found, who):
        raise NotAllowed(
            f"Dashboard {name} belongs to {found.owner}; {who.name or who.login} may change their own ones.",
            permission=Permission.MODERATE_DASHBOARDS, hint="Copy its tiles to a dashboard of your own.",
        )  # fmt: skip


def delete(node: Node, project: str, name: str, *, author: str, who: Identity | None = None) -> None:
    """Remove a dashboard, as one commit. What its tiles show stays."""
    node.projects.load(project).dashboard(name)
    check_editable(node, project, name, who)
    if name in node.projects.load(project).dashboards:
        file = file_of("dashboard", name)
        node.projects.save(project, {file: None}, author=author, message=f"Delete dashboard {name}")


def rename(node: Node, project: str, old: str, new: str, *, author: str, who: Identity | None = None) -> None:
    """Give a dashboard another name, which is another address."""
    there = node.projects.load(project)
    there.dashboard(old)
    check_editable(node, project, old, who)
    if check_name(new) in there.dashboards:
        raise Conflict(f"There is a dashboard '{new}' already.", hint="Choose another name.")
    text = node.projects.read(project, file_of("dashboard", old))[0]
    files: dict[str, Any] = {file_of("dashboard", old): None, file_of("dashboard", new): text}
    node.projects.save(project, files, author=author, message=f"Rename dashboard {old} to {new}")


def promote(
    node: Node, project: str, name: str, promoted: bool = True, *, author: str, who: Identity | None = None
) -> None:
    """List a dashboard for people who only read dashboards, or no longer."""
    now = opened(node, project, name)
    verb = "Promote" if promoted else "Withdraw"
    changed = now.dashboard.changed(promoted=promoted)
    save(
        node,
        project,
        name,
        changed,
        author=author,
        base=now.base,
        who=who,
        message=f"{verb} dashboard {name}",
    )


# tiles ----------------------------------------------------------------------------------------------------------------


def add(
    node: Node, project: str, name: str, tile: Tile | Mapping[str, Any], *, author: str, page: int = 1,
    who: Identity | None = None,
) -> Placed:  # fmt: skip
    """Put a tile on a page, where it fits, as one commit."""
    parsed = tile if isinstance(tile, Tile) else as_tile(tile)
    now = opened(node, project, name)
    given = parsed.changed(id=_fresh_id(node, now.dashboard))
    size = None if isinstance(tile, Mapping) and "place" in tile else type(parsed).SIZE
    changed = rules.with_tile(now.dashboard, given, page=page, size=size)
    message = f"Add a {given.label().lower()} to dashboard {name}"
    saved = save(node, project, name, changed, author=author, base=now.base, who=who, message=message)
    return saved.dashboard.find(page, given.id)


def copy_tile(
    node: Node, project: str, name: str, key: str, *, author: str, page: int = 1, to: str = "", to_page: int = 0,
    who: Identity | None = None,
) -> Placed:  # fmt: skip
    """A second tile like this one on the same page, on another page or on another dashboard."""
    tile = definition(node, project, name).find(page, key).tile
    return add(
        node, project, to or name, tile.changed(place=tile.place), author=author, who=who,
        page=to_page or (1 if to and to != name else page),
    )  # fmt: skip


def publish(
    node: Node, project: str, sort: str, object: str, *, author: str, name: str = DEFAULT, page: int = 1,
    settings: Mapping[str, Any] | None = None, who: Identity | None = None,
) -> Placed:  # fmt: skip
    """Show an object on the dashboard of that name: the tile that suits it, with some settings of your own.

    A metric is published as its object with `settings={"metric": …}`.
    """
    return add(
        node,
        project,
        name,
        suggested(node, project, sort, object, settings),
        author=author,
        page=page,
        who=who,
    )


def suggested(
    node: Node, project: str, sort: str, object: str, settings: Mapping[str, Any] | None = None
) -> Tile:
    """The tile that shows an object: last runs of a scenario, rows of a dataset, the report of a model …"""
    given = dict(settings or {})
    if "metric" in given:
        fields = {"type": "metric", "item": object}
    elif sort in _TILES:
        kind, field = _TILES[sort]
        fields = {"type": kind, field: object}
    else:
        raise NotFound("sort of object that can be published", sort, among=_TILES)
    loaded = node.projects.load(project)
    if sort in ("scenario", "dataset", "folder", "model", "evaluation_store"):
        getattr(loaded, sort)(object)
    return as_tile({**fields, **given})


def as_tile(fields: Mapping[str, Any]) -> Tile:
    """A tile from plain values. Raises InvalidDefinition naming the field."""
    tile = registry.parse("tiles", fields)
    assert isinstance(tile, Tile)
    return tile


_TILES = {
    "scenario": ("scenario_runs", "scenario"), "dataset": ("table", "dataset"), "model": ("model_report", "model"),
    "evaluation_store": ("evaluation", "store"), "article": ("article", "article"), "folder": ("checks", "item"),
}  # fmt: skip


# looking --------------------------------------------------------------------------------------------------------------


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


def look(
    node: Node, project: str, name: str, number: int = 1, *, filters: str = "", who: Identity | None = None
) -> ShownPage:  # fmt: skip
    """A page with what its tiles show now, for programs."""
    return show(node, project, name, number, who=who, filters=filters)


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
    definition(node, project, name).find(page, key)
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


def press(
    node: Node, project: str, name: str, key: str, *, by: str, page: int = 1, who: Identity | None = None
) -> ScenarioRun:
    """Press the run button of a dashboard: the scenario runs as whoever it runs as; who pressed is kept on the run.

    Raises Invalid for another tile, NotAllowed for those who may not run it, Conflict while it is running.
    """
    shown = tile(node, project, name, key, page=page, who=who)
    button = next((part for part in shown.content.parts if isinstance(part, Button)), None)
    if button is None:
        raise Invalid(f"Tile {key} of dashboard {name} is no run button.")
    if button.disabled:
        raise NotAllowed(button.disabled, permission=Permission.RUN)
    return asking.start(node, project, button.scenario, by=by, trigger="dashboard")


def kinds() -> list[tuple[str, type[Tile]]]:
    """Every kind of tile there is, by name."""
    found = [(name, registry.kind("tiles", name)) for name in registry.names("tiles")]
    return [(name, kind) for name, kind in found if issubclass(kind, Tile)]


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


def _listed(node: Node, project: Project, name: str, who: Identity | None) -> Listed:
    found = project.dashboard(name)
    there = name in project.dashboards
    changed = node.projects.last_change(project.key, file_of("dashboard", name)) if there else None
    return Listed(
        name=name, title=found.title or name, short_description=found.short_description, owner=found.owner,
        promoted=found.promoted, pages=len(found.pages), tiles=sum(len(p.tiles) for p in found.pages),
        tags=found.tags, changed_by=changed[0] if changed else "", changed_at=changed[1] if changed else None,
        may_edit=may_edit(node, project.key, found, who),
    )  # fmt: skip


def _write(
    node: Node, project: str, name: str, dashboard: Dashboard, *, author: str, message: str, base: str | None
) -> None:
    file = file_of("dashboard", name)
    ready = rules.tidied(_with_ids(node, dashboard))
    node.projects.save(
        project, {file: ready}, author=author, message=message, base=None if base is None else {file: base}
    )


def _with_ids(node: Node, dashboard: Dashboard) -> Dashboard:
    pages = tuple(
        page.changed(tiles=tuple(t if t.id else t.changed(id=_fresh_id(node, dashboard)) for t in page.tiles))
        for page in dashboard.pages
    )
    return dashboard.changed(pages=pages)


def _fresh_id(node: Node, dashboard: Dashboard) -> str:
    there = {tile.id for page in dashboard.pages for tile in page.tiles}
    while (id := f"t{node.clock.new_id(ID_LENGTH)}") in there:
        pass
    return id


def _name_of(title: str) -> str:
    """A title as a name: `Flights in production` → `flights_in_production`."""
    made = re.sub(r"\W+", "_", title.strip().lower()).strip("_")
    if not made:
        raise Invalid("A dashboard needs a title.", hint="Such as `Flights in production`.")
    return made[:100]
