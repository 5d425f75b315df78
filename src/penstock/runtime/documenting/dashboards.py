"""Dashboards: what each shows, of which objects, how it is made again, whether it goes to production."""

from __future__ import annotations

from penstock.core.dashboard import Dashboard
from penstock.core.document import Block, Code, Heading, Paragraph, Span, facts, line, table
from penstock.core.tile import Tile
from penstock.runtime.documenting import plain
from penstock.runtime.documenting.material import Material, Page, ask, part, several, to

NAME = "dashboards"
TITLE = "Dashboards"


def pages(m: Material) -> list[Page]:
    """The section, and an article for each dashboard."""
    rows = [
        [
            to("dashboard", name),
            one.title or name,
            len(one.pages),
            sum(len(p.tiles) for p in one.pages),
            one.promoted,
        ]
        for name, one in m.project.dashboards.items()
    ]
    shown = table(
        ["Dashboard", "Title", "Pages", "Tiles", "Listed for readers"],
        rows,
        empty="Nobody has made a dashboard yet.",
    )
    return [
        Page(name=NAME, title=TITLE, blocks=(part("dashboards", shown, on=("names:dashboard",)),)),
        *(_dashboard(m, name, one) for name, one in m.project.dashboards.items()),
    ]


def _dashboard(m: Material, name: str, dashboard: Dashboard) -> Page:
    told = facts(
        [
            ("Dashboard", to("dashboard", name)),
            ("Title", dashboard.title or name),
            ("What it shows", dashboard.short_description),
            ("Listed for people who only read dashboards", dashboard.promoted),
        ]
    )
    tiles: list[Block] = []
    for number, page in enumerate(dashboard.pages, 1):
        rows = [
            [
                tile.title or _first_words(tile) or tile.label(),
                _told(tile),
                several([_object(m, r.name) for r in tile.objects(m.key)]),
            ]
            for tile in page.tiles
        ]
        tiles += [
            Heading(dashboard.page_title(number) or f"Page {number}", 2),
            table(["Insight", "Settings", "Shows"], rows, empty="The page is empty."),
        ]
    asked = [] if dashboard.short_description else [ask("What is the dashboard for, and who looks at it?")]
    return Page(
        name=f"dashboard-{name}", about=f"dashboard:{name}", title=f"Dashboard: {dashboard.title or name}", parent=NAME,
        blocks=(
            part("dashboard", told), *asked, part("insights", Heading("Insights", 1), *tiles),
            part("steps", Heading("How to make it again", 1), *_steps(dashboard)),
            part("production", Heading("In production", 1), _production(m, name), on=("bundles:",)),
        ),
    )  # fmt: skip


def _told(tile: Tile) -> str:
    """What was chosen of a tile besides its place, text and objects."""
    values = {k: v for k, v in tile.to_mapping().items() if k not in _PLACED and isinstance(v, str)}
    columns = {k: v["column"] for k, v in tile.to_mapping().items() if isinstance(v, dict) and "column" in v}
    return plain.words({**columns, **values})


def _first_words(tile: Tile) -> str:
    """What a tile of letters begins with."""
    letters = str(tile.to_mapping().get("markdown") or "").strip().splitlines()
    return f"Text: {letters[0].strip('# *')}" if letters else ""


_PLACED = frozenset(
    {"type", "id", "place", "title", "markdown", "html", "item", "model", "store", "dataset", "scenario"}
)


def _object(m: Material, name: str) -> tuple[Span, ...]:
    if name in m.project.own_items:
        return to(m.project.item_type(name), name)
    sort = next((s for s in ("scenario", "recipe", "dashboard") if name in getattr(m.project, f"{s}s")), "")
    return to(sort, name) if sort else (Span(name),)


def _steps(dashboard: Dashboard) -> list[Block]:
    """Each tile with the settings it was published with."""
    lines = []
    for number, page in enumerate(dashboard.pages, 1):
        for tile in page.tiles:
            values = {k: v for k, v in tile.to_mapping().items() if k not in ("place", "id")}
            lines.append(f"page {number}: {plain.words(values)}")
    return [
        Paragraph(line("Add these tiles to a dashboard, by hand or with `penstock dashboard publish`:")),
        Code("\n".join(lines) or "no tile", "text"),
    ]


def _production(m: Material, name: str) -> Paragraph:
    last = m.bundles[0] if m.bundles else None
    if last is None:
        return Paragraph(
            "No bundle was made yet. Dashboards travel in every bundle, so none is made again by hand."
        )
    holds = name in last.objects.get("dashboard", ())
    return Paragraph(
        f"The dashboard {'travels in' if holds else 'is not in'} bundle {last.bundle}, the last one: it "
        f"{'need not be made again' if holds else 'comes with the next bundle'} where that is activated."
    )
