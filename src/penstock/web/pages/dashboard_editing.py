"""Dashboards edited: a draft lives in the browser and is drawn here; nothing is kept before Save."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

from penstock.core import registry
from penstock.core.access import Permission
from penstock.core.dashboard import Dashboard
from penstock.core.errors import Invalid, InvalidDefinition, SaveConflict
from penstock.core.tile import Tile
from penstock.runtime import dashboards, people
from penstock.web import forms
from penstock.web.asking import Ask
from penstock.web.pages.dashboards import ALL, ONE, tile_words
from penstock.web.routes import Routes

routes = Routes()
SETTINGS = (
    "title",
    "short_description",
    "description",
    "tags",
    "promoted",
    "auto_stack",
    "spacing",
    "circular",
)
LOOKS = ("title", "show_title", "border", "background", "click", "link", "locked")
PLACED = ("id", "place")
W = Permission.WRITE_DASHBOARDS


@routes.post(ALL + "/new", W)
def create(ask: Ask) -> Response:
    """A new dashboard, opened to be edited."""
    name = dashboards.create(ask.node, ask.project, ask.word("title"), author=ask.me.login, who=ask.me)
    return ask.to(ask.url("dashboards", name, "edit"), "Made. Add the first tile.")


@routes.get(ONE + "/edit", W)
def edit(ask: Ask, dashboard: str) -> Response:
    """The draft of a dashboard."""
    opened = dashboards.opened(ask.node, ask.project, dashboard)
    dashboards.check_editable(ask.node, ask.project, dashboard, ask.me)
    number = ask.number("page", 1, least=1)
    shown = dashboards.draft(ask.node, ask.project, dashboard, opened.dashboard, number, who=ask.me)
    start = {"definition": opened.dashboard.to_mapping(), "base": opened.base, "page": number}
    return ask.page(
        "dashboards/edit.html", shown=shown, start=start, kinds=_kinds(), others=_others(ask, dashboard),
        unauthorised=_blank_for_readers(ask, dashboard), **{**tile_words(ask, dashboard, number, ""), "editing": True},
    )  # fmt: skip


@routes.post(ONE + "/draft", W)
def draft(ask: Ask, dashboard: str) -> Response:
    """A page of a draft, drawn; tiles that were in each other's way have moved."""
    posted = _json(ask)
    number = posted.get("page") or 1
    if not isinstance(number, int):
        raise Invalid("The number of a page is a whole number.")
    shown = dashboards.draft(
        ask.node, ask.project, dashboard, _parsed(posted.get("definition")), number, who=ask.me
    )
    words = {**tile_words(ask, dashboard, number, ""), "editing": True}
    return ask.fragment("dashboards/_canvas.html", shown=shown, **words)


@routes.post(ONE + "/form", W)
def tile_form(ask: Ask, dashboard: str) -> Response:
    """The form of a tile: a new one of some kind, or one of the draft."""
    posted = _json(ask)
    fields = dict(posted.get("tile") or {"type": str(posted.get("kind", ""))})
    return _form(ask, dashboard, fields)


@routes.post(ONE + "/tile", W)
def read_tile(ask: Ask, dashboard: str) -> Response:
    """What a form of a tile says, as the draft holds it; the form again when something is wrong in it."""
    kind = _kind(ask.word("kind"))
    fields = forms.read(kind, ask.form)
    if ask.word("again"):  # the dataset changed, so the pickers offer its columns
        return _form(ask, dashboard, fields)
    try:
        tile = dashboards.as_tile(fields)
    except InvalidDefinition as wrong:
        return _form(ask, dashboard, fields, wrong=wrong, status=422)
    width, height = kind.SIZE
    return ask.json({"tile": tile.to_mapping(), "size": {"width": width, "height": height}})


@routes.post(ONE + "/save", W)
def save(ask: Ask, dashboard: str) -> Response:
    """Keep the draft, as one commit. When somebody was faster, what they did is told and nothing is lost."""
    posted = _json(ask)
    try:
        saved = dashboards.save(
            ask.node, ask.project, dashboard, _parsed(posted.get("definition")), author=ask.me.login, who=ask.me,
            base=str(posted.get("base", "")),
        )  # fmt: skip
    except SaveConflict as conflict:
        now = dashboards.opened(ask.node, ask.project, dashboard)
        told = {"conflict": conflict.message, "diff": conflict.diff, "base": now.base}
        return ask.json(told, status=409)
    page = posted.get("page")
    ask.flash("Saved.")
    return ask.json(
        {"base": saved.base, "view": ask.url("dashboards", dashboard, page=page if page != 1 else None)}
    )


@routes.get(ONE + "/settings", W)
def settings(ask: Ask, dashboard: str) -> Response:
    """Title, who sees it, spacing."""
    opened = dashboards.opened(ask.node, ask.project, dashboard)
    fields = forms.draw(ask, opened.dashboard, only=SETTINGS)
    return ask.page(
        "dashboards/settings.html", name=dashboard, opened=opened, fields=fields, conflict=None,
        unauthorised=_blank_for_readers(ask, dashboard),
    )  # fmt: skip


@routes.post(ONE + "/settings", W)
def save_settings(ask: Ask, dashboard: str) -> Response:
    """Keep the settings."""
    opened = dashboards.opened(ask.node, ask.project, dashboard)
    values = forms.read(Dashboard, ask.form, keep=opened.dashboard)
    try:
        dashboards.save(
            ask.node, ask.project, dashboard, values, author=ask.me.login, who=ask.me, base=ask.word("base")
        )
    except (InvalidDefinition, SaveConflict) as refused:
        wrong, conflict = forms.told(refused)
        fields = forms.draw(ask, Dashboard, values, only=SETTINGS, wrong=wrong)
        return ask.page(
            "dashboards/settings.html", status=refused.http_status, name=dashboard, opened=opened, fields=fields,
            conflict=conflict,
            unauthorised=_blank_for_readers(ask, dashboard),
        )  # fmt: skip
    return ask.to(ask.url("dashboards", dashboard), "Saved.")


@routes.post(ONE + "/promote", W)
def promote(ask: Ask, dashboard: str) -> Response:
    """List it for readers, or no longer."""
    promoted = bool(ask.word("promoted"))
    dashboards.promote(ask.node, ask.project, dashboard, promoted, author=ask.me.login, who=ask.me)
    told = (
        "Promoted: readers see it in their list." if promoted else "Readers see it only by its address now."
    )
    return ask.to(ask.url("dashboards"), told)


@routes.post(ONE + "/rename", W)
def rename(ask: Ask, dashboard: str) -> Response:
    """Another name, and address."""
    dashboards.rename(ask.node, ask.project, dashboard, ask.word("name"), author=ask.me.login, who=ask.me)
    return ask.to(ask.url("dashboards", ask.word("name"), "settings"), "Renamed.")


@routes.post(ONE + "/delete", W)
def delete(ask: Ask, dashboard: str) -> Response:
    """Remove it."""
    dashboards.delete(ask.node, ask.project, dashboard, author=ask.me.login, who=ask.me)
    return ask.to(ask.url("dashboards"), f"Dashboard {dashboard} is gone; its history keeps it.")


@routes.post(ONE + "/authorise", Permission.AUTHORISE)
def authorise(ask: Ask, dashboard: str) -> Response:
    """Let readers see everything that stands on it."""
    for sort, name in dashboards.unauthorised(ask.node, ask.project, dashboard):
        people.authorise(ask.node, ask.project, sort, name, by=ask.me.login)
    return ask.back("People who may only see dashboards see all of its tiles now.")


@routes.get("/projects/{project}/publish", W)
def publishing(ask: Ask) -> Response:
    """Where an object can be published: the dialog behind every Publish button."""
    listed = dashboards.listing(ask.node, ask.project, who=ask.me)
    return ask.fragment(
        "dashboards/_publish.html", sort=ask.word("sort"), object=ask.word("object"), settings=ask.word("settings"),
        dashboards=[d for d in listed if d.may_edit],
    )  # fmt: skip


@routes.post("/projects/{project}/publish", W)
def publish(ask: Ask) -> Response:
    """Put the tile that suits an object on a dashboard."""
    settings = _object(ask.word("settings"))
    to = ask.word("to") or "default"
    if ask.word("title"):
        to = dashboards.create(ask.node, ask.project, ask.word("title"), author=ask.me.login, who=ask.me)
    placed = dashboards.publish(
        ask.node, ask.project, ask.word("sort"), ask.word("object"), name=to, settings=settings,
        author=ask.me.login, who=ask.me,
    )  # fmt: skip
    return ask.to(f"{ask.url('dashboards', to)}#tile-{placed.key}", "Published.")


@routes.post(ONE + "/copy", W)
def copy(ask: Ask, dashboard: str) -> Response:
    """A tile of the saved dashboard, once more, on the same page, another one or another dashboard."""
    to = ask.word("to") or dashboard
    placed = dashboards.copy_tile(
        ask.node, ask.project, dashboard, ask.word("key"), page=ask.number("page", 1, least=1), to=to,
        to_page=ask.number("to_page", 0), author=ask.me.login, who=ask.me,
    )  # fmt: skip
    return ask.to(f"{ask.url('dashboards', to, 'edit', page=placed.page)}#tile-{placed.key}", "Copied.")


def _form(
    ask: Ask, dashboard: str, fields: dict[str, Any], *, wrong: InvalidDefinition | None = None, status: int = 200
) -> Response:  # fmt: skip
    kind = _kind(str(fields.get("type", "")))
    inside = {k: v for k, v in fields.items() if k != "type"}
    own = forms.draw(ask, kind, inside, without=(*LOOKS, *PLACED), wrong=wrong, more=_offered(ask, inside))
    looks = forms.draw(ask, kind, inside, only=LOOKS, wrong=wrong)
    return ask.fragment(
        "dashboards/_form.html", status=status, name=dashboard, kind=kind, own=own, looks=looks
    )


def _offered(ask: Ask, fields: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Columns of the dataset a tile shows, for the pickers."""
    from penstock.core.errors import PenstockError
    from penstock.runtime import datasets

    name = str(fields.get("dataset") or "")
    if not name:
        return {}
    try:
        return {"columns": tuple(c.name for c in datasets.columns(ask.node, ask.project, name))}
    except PenstockError:
        return {}


def _kind(name: str) -> type[Tile]:
    found = registry.kind("tiles", name)
    assert issubclass(found, Tile)
    return found


def _kinds() -> list[tuple[str, str, str, str]]:
    """(name, label, sentence, icon) of every kind of tile."""
    from penstock.core.kind import documentation

    return [
        (
            name,
            kind.label(),
            documentation(kind)[0].partition(". ")[0].split(":")[0],
            ICONS.get(name, "puzzle"),
        )
        for name, kind in sorted(dashboards.kinds(), key=lambda k: ORDER.index(k[0]) if k[0] in ORDER else 99)
    ]


ICONS = {
    "metric": "gauge", "checks": "checklist", "scenario_runs": "history", "run_button": "player-play", "table": "table",
    "chart": "chart-bar", "model_report": "brain", "evaluation": "report-analytics", "data_quality": "shield-check",
    "text": "markdown", "image": "photo", "article": "article", "web_app": "world-www", "filters": "filter",
}  # fmt: skip
ORDER = [
    "metric", "scenario_runs", "chart", "table", "evaluation", "model_report", "checks", "data_quality", "text",
    "run_button", "filters", "article", "image", "web_app",
]  # fmt: skip


def _others(ask: Ask, dashboard: str) -> list[tuple[str, str]]:
    """Other dashboards a tile can be copied to."""
    listed = dashboards.listing(ask.node, ask.project, who=ask.me)
    return [(d.name, d.title) for d in listed if d.may_edit and d.name != dashboard]


def _blank_for_readers(ask: Ask, dashboard: str) -> list[tuple[str, str]]:
    return dashboards.unauthorised(ask.node, ask.project, dashboard)


def _json(ask: Ask) -> dict[str, Any]:
    return _object(ask.request.state.body)


def _object(text: str | bytes) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError as error:
        raise Invalid("What was sent is no JSON.") from error
    if not isinstance(found, dict):
        raise Invalid("What was sent is no object.")
    return found


def _parsed(definition: Any) -> Dashboard:
    if not isinstance(definition, dict):
        raise Invalid("What was sent is no dashboard.")
    return registry.validate(Dashboard, definition)
