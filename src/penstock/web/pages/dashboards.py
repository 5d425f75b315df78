"""Dashboards: the list, looking at one, its filters, its buttons, its files."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Iterator, Mapping
from typing import Any

from starlette.responses import Response

from penstock.core import page_filters
from penstock.core.access import Permission
from penstock.core.dashboard import Dashboard
from penstock.core.errors import NotFound, Refused
from penstock.core.page_filters import Chosen
from penstock.core.tile import Frame, History, Image, Part, Plot
from penstock.drawing.charts import histories, plots
from penstock.drawing.printing import choice_in_words, duration
from penstock.runtime import dashboards, folders, printouts, scenarios
from penstock.web import live
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()
ALL = "/projects/{project}/dashboards"
ONE = ALL + "/{dashboard}"
PLACES = {
    "dataset": "datasets", "folder": "folders", "model": "models", "evaluation_store": "evaluations",
    "scenario": "scenarios", "article": "wiki", "recipe": "recipes",
}  # fmt: skip
SANDBOX = "; ".join(
    (
        "sandbox allow-scripts", "default-src 'self' 'unsafe-inline' data: blob:", "connect-src 'none'",
        "form-action 'none'", "frame-ancestors 'self'",
    )
)  # fmt: skip
"""What an embedded page may do: run its own scripts, and nothing with the studio or the network."""


@routes.get(ALL, Permission.READ_DASHBOARDS)
def listing(ask: Ask) -> Response:
    """Every dashboard somebody may see."""
    found = dashboards.listing(ask.node, ask.project, who=ask.me)
    sketches = dashboards.sketches(ask.node, ask.project, [one.name for one in found])
    return ask.page("dashboards/list.html", dashboards=found, sketches=sketches)


@routes.get(ALL + "/export", Permission.READ_DASHBOARDS)
def export_several(ask: Ask) -> Response:
    """Several dashboards as one file."""
    names = ask.words("name") or [d.name for d in dashboards.listing(ask.node, ask.project, who=ask.me)]
    form, paper = ask.word("form", "pdf"), ask.word("paper", printouts.DEFAULT_PAPER)
    made = printouts.export_several(ask.node, ask.project, names, form=form, paper=paper, who=ask.me)
    return ask.download(made.content, made.name, made.mime)


@routes.get(ONE, Permission.READ_DASHBOARDS)
def view(ask: Ask, dashboard: str) -> Response:
    """One page of a dashboard."""
    number, filters = ask.number("page", 1, least=1), ask.word("pageFilters")
    shown = dashboards.outline(ask.node, ask.project, dashboard, number, who=ask.me)
    page_filters.parse(filters)
    visible = [n for n, p in enumerate(shown.dashboard.pages, 1) if p.visible or n == number]
    return ask.page(
        "dashboards/view.html", shown=shown, filters=filters, pages=visible, number=number,
        may_edit=may_edit(ask, shown.dashboard), **drawing(ask),
    )  # fmt: skip


@routes.get(ONE + "/layout", Permission.READ_DASHBOARDS)
def layout(ask: Ask, dashboard: str) -> Response:
    """Where the tiles of a page stand, as a style sheet: the policy allows no styles in the page itself."""
    found = dashboards.definition(ask.node, ask.project, dashboard)
    rules = "".join(_rules(found, ask.number("page", 1, least=1)))
    return Response(rules, media_type="text/css", headers={"Cache-Control": "private, max-age=5"})


@routes.get(ONE + "/tiles/{key}", Permission.READ_DASHBOARDS)
def tile(ask: Ask, dashboard: str, key: str) -> Response:
    """One tile with what it shows now."""
    return _tile(ask, dashboard, key)


def _tile(ask: Ask, dashboard: str, key: str) -> Response:
    number, filters = ask.number("page", 1, least=1), ask.word("pageFilters")
    found = dashboards.tile(ask.node, ask.project, dashboard, key, page=number, who=ask.me, filters=filters)
    return ask.fragment("dashboards/_tile.html", **tile_words(ask, dashboard, number, filters), one=found)


@routes.get(ONE + "/live", Permission.READ_DASHBOARDS)
def live_tiles(ask: Ask, dashboard: str) -> Response:
    """The tiles whose objects changed, as they are now."""
    number, filters = ask.number("page", 1, least=1), ask.word("pageFilters")
    last: dict[str, str] = dict(dashboards.stamps(ask.node, ask.project, dashboard, number))
    words = tile_words(ask, dashboard, number, filters)
    parts: dict[str, str] = {}

    def now() -> live.Shown:
        stamps = dashboards.stamps(ask.node, ask.project, dashboard, number)
        changed = [key for key, stamp in stamps.items() if last.get(key) != stamp]
        last.update(stamps)
        if changed:
            shown = dashboards.show(
                ask.node, ask.project, dashboard, number, who=ask.me, filters=filters, only=changed
            )
            parts.update(
                {
                    f"tile-{one.key}": ask.html("dashboards/_tile.html", **words, one=one)
                    for one in shown.tiles
                }
            )
        return live.Shown(dict(parts))

    return live.stream(ask, now, every=2.0)


@routes.get(ONE + "/filter", Permission.READ_DASHBOARDS)
def choose(ask: Ask, dashboard: str) -> Response:
    """The page with what was chosen in a panel, or by a click on a chart, in its address."""
    before = {c.column: c for c in page_filters.parse(ask.word("pageFilters"))}
    chosen = {**before, **{c.column: c for c in _chosen(ask)}}
    told = page_filters.written(c for c in chosen.values() if c.values or c.operator == "OFF")
    page = ask.word("page") or None
    return ask.to(ask.url("dashboards", dashboard, page=page, pageFilters=told or None))


@routes.post(ONE + "/tiles/{key}/run", Permission.READ_DASHBOARDS)
def press(ask: Ask, dashboard: str, key: str) -> Response:
    """Press a run button."""
    number = ask.number("page", 1, least=1)
    dashboards.press(ask.node, ask.project, dashboard, key, page=number, by=ask.me.login, who=ask.me)
    return _tile(ask, dashboard, key)


@routes.post(ONE + "/tiles/{key}/abort", Permission.RUN)
def stop(ask: Ask, dashboard: str, key: str) -> Response:
    """Stop what a run button started."""
    number = ask.number("page", 1, least=1)
    found = dashboards.tile(ask.node, ask.project, dashboard, key, page=number, who=ask.me)
    scenario = next((name for sort, name in found.subjects if sort == "scenario"), "")
    scenarios.abort_current(ask.node, ask.project, scenario)
    return _tile(ask, dashboard, key)


@routes.get(ONE + "/export", Permission.READ_DASHBOARDS)
def export(ask: Ask, dashboard: str) -> Response:
    """The dashboard as PDF or PNG, with the filters of the address."""
    pages = [int(word) for word in ask.words("page") if word.isdigit()]
    made = printouts.export(
        ask.node, ask.project, dashboard, form=ask.word("form", "pdf"), filters=ask.word("pageFilters"),
        paper=ask.word("paper", printouts.DEFAULT_PAPER), pages=pages, who=ask.me,
    )  # fmt: skip
    return ask.download(made.content, made.name, made.mime)


@routes.get(ONE + "/apps/{key}/{file:path}", Permission.READ_DASHBOARDS)
def embedded(ask: Ask, dashboard: str, key: str, file: str) -> Response:
    """A file of a web app that stands on this dashboard; it runs in a sandbox without an origin."""
    found = next(
        (p for p in dashboards.definition(ask.node, ask.project, dashboard).tiles() if p.key == key), None
    )
    if found is None:
        raise NotFound("tile", key, where=f"dashboard {dashboard}")
    shown = dashboards.tile(ask.node, ask.project, dashboard, key, page=found.page, who=ask.me)
    frame = next((part for part in shown.content.parts if isinstance(part, Frame)), None)
    if frame is None:
        raise Refused(f"Tile {key} of dashboard {dashboard} embeds no page.")
    with folders.open_file(ask.node, ask.project, frame.folder, file) as opened:
        content = opened.read()
    kind = mimetypes.guess_type(file)[0] or "application/octet-stream"
    return Response(content, media_type=kind, headers={"Content-Security-Policy": SANDBOX})


# what the templates call ------------------------------------------------------------------------------------------


def tile_words(ask: Ask, dashboard: str, number: int, filters: str) -> dict[str, Any]:
    """What the template of a tile is given beside the tile."""
    words = {"name": dashboard, "number": number, "filters": filters, "editing": False}
    return {**words, **drawing(ask)}


def drawing(ask: Ask) -> Mapping[str, Any]:
    """How templates draw parts and find the pages of objects."""

    def spec(part: Part) -> dict[str, Any]:
        if isinstance(part, History):
            return histories.spec(part.course, ground="page")
        assert isinstance(part, Plot)
        return plots.spec(part, ground="page")

    def page_of(subjects: tuple[tuple[str, str], ...]) -> str:
        return next((ask.url(PLACES[s], name) for s, name in subjects if s in PLACES), "")

    return {
        "spec_of": spec, "page_of": page_of, "part_of": lambda part: type(part).__name__.lower(),
        "sparkline": histories.sparkline, "took": duration, "choice_in_words": choice_in_words,
        "course_in_words": histories.words, "image_of": _data_address,
    }  # fmt: skip


def _data_address(image: Image) -> str:
    return f"data:{image.mime};base64,{base64.b64encode(image.content).decode()}"


def may_edit(ask: Ask, dashboard: Dashboard) -> bool:
    """Whether the caller may change it."""
    return ask.may("write dashboards") and dashboards.may_edit(ask.node, ask.project, dashboard, ask.me)


def _rules(dashboard: Dashboard, number: int) -> Iterator[str]:
    page = dashboard.page(number)
    yield f".board{{--gap:{dashboard.spacing}px}}"
    if page.background:
        yield f".board-ground{{background:{page.background}}}"
    for placed in dashboard.placed(number):
        if placed.tile.background:
            yield f"#tile-{placed.key}{{background:{placed.tile.background}}}"
    yield "@media (min-width: 768px), print{"
    for placed in dashboard.placed(number):
        box = placed.box
        yield (
            f"#tile-{placed.key}{{grid-column:{box.left + 1}/span {box.width};"
            f"grid-row:{box.top + 1}/span {box.height};min-height:0}}"
        )
    yield "}"


def _chosen(ask: Ask) -> Iterator[Chosen]:
    """What a panel posted, column by column; `all` stands for no choice where the panel has one of its own."""
    for column in ask.words("column"):
        sort = ask.word(f"sort.{column}", "values")
        if sort == "range":
            ends = tuple(ask.word(f"{end}.{column}") or None for end in ("low", "high"))
            yield Chosen(column, "between", ends) if any(ends) else Chosen(column, "OFF")
        elif sort == "text":
            text = ask.word(f"text.{column}")
            yield Chosen(column, "contains", (text,)) if text else Chosen(column, "OFF")
        else:
            values = ask.request.query_params.getlist(f"value.{column}")
            operator = "not_in" if ask.word(f"not.{column}") else "in"
            picked = tuple(v or None for v in values)
            yield Chosen(column, operator, picked) if picked else Chosen(column, "OFF")  # type: ignore[arg-type]
