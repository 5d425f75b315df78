"""The Flow: the picture with its panel, builds with their preview, zones, and what is done to a selection."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.errors import Invalid
from penstock.core.job import BuildMode
from penstock.core.picture import FlowNode, ItemNode, Picture
from penstock.drawing import flow as drawing
from penstock.drawing.charts.histories import sparkline
from penstock.drawing.flow import Looks
from penstock.runtime import (
    copying,
    datasets,
    deleting,
    inspecting,
    jobs,
    model_reports,
    projects,
    recipes,
    relocating,
    selection,
    views,
    zones,
)
from penstock.runtime import (
    flow as flows,
)
from penstock.web import live
from penstock.web.asking import Ask, address
from penstock.web.pages.home import SECTIONS
from penstock.web.routes import Routes

routes = Routes()

GLIMPSED = 6
"""Rows of a dataset that the panel shows."""
FOLDERS = {"dataset": "datasets", "folder": "folders", "model": "models", "evaluation_store": "evaluations"}
PALETTE = (
    "#2f6fed", "#e8730c", "#2f9e44", "#d6336c", "#7048c9", "#0c8599", "#c2a000", "#495057", "#a61e4d", "#5c7cfa",
)  # fmt: skip
MEANT = {
    "OK": "#2f9e44", "WARNING": "#d98500", "ERROR": "#c62f2f", "EMPTY": "#7b8494", "failed": "#c62f2f",
    "today": "#2f9e44", "this week": "#0c8599", "this month": "#2f6fed", "earlier": "#7b8494",
}  # fmt: skip
MODES = tuple(
    (mode, mode.words)
    for mode in (
        BuildMode.REQUIRED, BuildMode.ONLY_THIS, BuildMode.ALL_UPSTREAM, BuildMode.DOWNSTREAM,
        BuildMode.DOWNSTREAM_OUTPUTS, BuildMode.DOWNSTREAM_OUTPUTS_ALL,
    )
)  # fmt: skip
SOURCES = (
    ("upload", "Upload files", "upload"), ("files", "Files in a folder", "files"), ("inline", "Typed in here", "edit"),
    ("server_files", "Files on the server", "server"), ("managed", "Managed, filled by a recipe", "table"),
    ("sql_table", "Table of a database", "database"), ("sql_query", "Query of a database", "database"),
    ("metrics", "Metrics of an object", "chart-bar"), ("checks", "Checks of an object", "list-check"),
    ("api_log", "Queries an API endpoint answered", "api"),
)  # fmt: skip
GROUPS = (("visual", "Visual"), ("code", "Code"), ("ml", "Machine learning"))


@dataclass(frozen=True, slots=True)
class Legend:
    """One word of a view, its colour, and how many nodes it has."""

    word: str
    colour: str
    count: int


# the picture ---------------------------------------------------------------------------------------------------------


@routes.get("/projects/{project}/flow", Permission.READ)
def show(ask: Ask) -> Response:
    picture = flows.show(ask.node, ask.project, fresh=True)
    return ask.page(
        "flow/flow.html", picture=picture, views=views.VIEWS, view=ask.word("view"), recipes=_offers(), sources=SOURCES,
        chosen=_chosen(ask, picture), cut=ask.word("only"), facts=_facts(ask, picture), **_canvas(ask, picture),
    )  # fmt: skip


@routes.get("/projects/{project}/flow/picture", Permission.READ)
def picture(ask: Ask) -> Response:
    """The picture alone: for the page after a fold, as a file with `as=svg` or `as=png`."""
    whole = flows.show(ask.node, ask.project, fresh=True)
    shown, looks = _cut(ask, whole), Looks(folded=_listed(ask, "fold"), halos=_halos(_groups(ask)))
    match ask.word("as"):
        case "svg":
            return ask.download(drawing.svg(shown, looks), f"{ask.project}-flow.svg", "image/svg+xml")
        case "png":
            return ask.download(drawing.png(shown, looks), f"{ask.project}-flow.png", "image/png")
        case _:
            return ask.fragment("flow/_canvas.html", **_canvas(ask, whole))


@routes.get("/projects/{project}/flow/live", Permission.READ)
def live_states(ask: Ask) -> Response:
    """How every node stands, whenever it changes."""

    def now() -> live.Shown:
        found = flows.standings(ask.node, ask.project, fresh=False)
        return live.Shown({"states": json.dumps({id: [s.state, s.why] for id, s in found.items()})})

    return live.stream(ask, now, every=1.5)


def _offers() -> list[tuple[str, list[recipes.Offer]]]:
    """Every kind of recipe under its heading; plugins bring categories of their own."""
    offers = recipes.kinds()
    found = [(words, [o for o in offers if o.category == category]) for category, words in GROUPS]
    others = [o for o in offers if o.category not in dict(GROUPS)]
    return [group for group in (*found, ("Plugins", others)) if group[1]]


def _canvas(ask: Ask, picture: Picture) -> dict[str, Any]:
    shown, groups = _cut(ask, picture), _groups(ask)
    counts = Counter(i.state for i in shown.items)
    return {"svg": _svg(ask, shown, groups), "legend": _legend(groups), "counts": counts}


def _svg(ask: Ask, shown: Picture, groups: dict[str, str]) -> Markup:
    links = {n.id: _address(ask, n) for n in shown.nodes}
    looks = Looks(folded=_listed(ask, "fold"), halos=_halos(groups), links=links, alone=False)
    return Markup(drawing.svg(shown, looks))


def _cut(ask: Ask, picture: Picture) -> Picture:
    """A part of the Flow: one zone (`zone=`), or what leads to and from a selection (`only=up|down|both`)."""
    zone, direction = ask.word("zone"), ask.word("only")
    if direction in ("up", "down", "both"):
        return picture.only(picture.around(_chosen(ask, picture), direction))  # type: ignore[arg-type]
    if not zone:
        return picture
    inside = {n.id for n in picture.nodes if n.zone == zone}
    read = {i for r in picture.recipes if r.zone == zone for i in r.inputs}
    return picture.only(inside | read)


def _chosen(ask: Ask, picture: Picture) -> list[str]:
    """The ids of the nodes that `select` names; names that lead nowhere are left out."""
    found = [picture.node(name) for name in _listed(ask, "select")]
    return [n.id for n in found if n is not None]


def _listed(ask: Ask, word: str) -> list[str]:
    return [part for text in ask.words(word) for part in text.split(",") if part]


def _groups(ask: Ask) -> dict[str, str]:
    return views.view(ask.node, ask.project, ask.word("view")) if ask.word("view") else {}


def _colours(groups: dict[str, str]) -> dict[str, str]:
    """Word → colour: the one it always has, else the next of the palette, the most frequent first."""
    words = [word for word, _ in Counter(groups.values()).most_common()]
    free = iter(PALETTE * (len(words) // len(PALETTE) + 1))
    return {word: MEANT.get(word) or next(free) for word in words}


def _halos(groups: dict[str, str]) -> dict[str, tuple[str, str]]:
    colours = _colours(groups)
    return {id: (colours[word], word) for id, word in groups.items()}


def _legend(groups: dict[str, str]) -> list[Legend]:
    counted = Counter(groups.values())
    return [Legend(word, colour, counted[word]) for word, colour in _colours(groups).items()]


def _address(ask: Ask, node: FlowNode) -> str:
    if isinstance(node, ItemNode) and node.foreign and node.type == "model":
        owner, _, name = node.name.partition(".")
        return address("projects", owner, "models", name)
    return ask.url(FOLDERS[node.type] if isinstance(node, ItemNode) else "recipes", node.name)


def _facts(ask: Ask, picture: Picture) -> dict[str, Any]:
    """What the island needs to know."""
    edges = picture.edges()
    up: dict[str, list[str]] = {}
    for start, end in edges:
        up.setdefault(end, []).append(start)
    return {"project": ask.project, "url": ask.url("flow"), "up": up, "mayWrite": ask.may("write")}


# the panel -----------------------------------------------------------------------------------------------------------


@routes.get("/projects/{project}/flow/panel", Permission.READ)
def panel(ask: Ask) -> Response:
    names = _listed(ask, "select")
    picture = flows.show(ask.node, ask.project, fresh=len(names) > 1)
    if not names:
        return ask.fragment("flow/_none.html")
    boxes = picture.boxes
    if len(names) > 1:
        nodes = [inspecting.find(picture, ask.project, name) for name in names]
        return ask.fragment(
            "flow/_many.html", nodes=nodes, boxes=boxes, tags=selection.tags(ask.node, ask.project),
            connections=relocating.choices(ask.node), kinds=recipes.kinds(),
        )  # fmt: skip
    shown = inspecting.inspect(ask.node, ask.project, names[0])
    return ask.fragment(
        "flow/_one.html", shown=shown, address=_address(ask, shown.node), boxes=boxes,
        tags=selection.tags(ask.node, ask.project), folders=FOLDERS,
        connections=relocating.choices(ask.node), kinds=recipes.kinds(),
        sources=[n.name for n in picture.nodes if isinstance(n, ItemNode) and n.type == "dataset"],
    )  # fmt: skip


@routes.get("/projects/{project}/flow/glimpse", Permission.READ)
def glimpse(ask: Ask) -> Response:
    """What is in a dataset or a model, in small: its first rows, or how its versions did. Asked for by the panel."""
    name = ask.word("select")
    if name in projects.show(ask.node, ask.project).models:
        found = model_reports.report(ask.node, ask.project, name)
        return ask.fragment("flow/_glimpse.html", name=name, model=found, sparkline=sparkline)
    rows = datasets.head(ask.node, ask.project, name, GLIMPSED)
    return ask.fragment("flow/_glimpse.html", name=name, rows=rows)


# builds --------------------------------------------------------------------------------------------------------------


@routes.get("/projects/{project}/flow/build", Permission.WRITE)
def ask_build(ask: Ask) -> Response:
    """The panel that asks how to build, with the plan of what it would run."""
    targets = _targets(ask)
    mode = BuildMode.parse(ask.word("mode") or BuildMode.REQUIRED)
    plan = jobs.preview(ask.node, ask.project, targets, mode, options=_options(ask))
    return ask.fragment(
        "flow/_build.html", targets=targets, mode=mode, modes=MODES, plan=plan, without=ask.words("without"),
        stop_at_zone=bool(ask.word("stop_at_zone")), update_schemas=bool(ask.word("update_schemas")),
        zoned=len(zones.graphs(ask.node, ask.project)) > 1,
    )  # fmt: skip


@routes.post("/projects/{project}/flow/build", Permission.WRITE)
def build(ask: Ask) -> Response:
    started = jobs.start(
        ask.node, ask.project, _targets(ask), ask.word("mode") or BuildMode.REQUIRED, initiator=ask.me.login,
        options=_options(ask),
    )  # fmt: skip
    if not ask.is_fragment:
        return ask.to(ask.url("jobs", started.job.id), "The job has started.", "info")
    return ask.fragment(
        "flow/_job.html", job=started.job, activities=jobs.activities(ask.node, started.job.id)
    )


@routes.get("/projects/{project}/flow/jobs/{job}/live", Permission.READ)
def live_job(ask: Ask, job: str) -> Response:
    def now() -> live.Shown:
        shown = jobs.show(ask.node, job)
        activities = jobs.activities(ask.node, job)
        html = ask.html("flow/_progress.html", job=shown, activities=activities)
        return live.Shown({"flow-progress": html}, ended=shown.state.final)

    return live.stream(ask, now, every=0.7)


@routes.post("/projects/{project}/flow/jobs/{job}/abort", Permission.WRITE)
def abort(ask: Ask, job: str) -> Response:
    jobs.abort(ask.node, job)
    ask.flash("The job was asked to stop.", "info")
    return ask.fragment(
        "flow/_job.html", job=jobs.show(ask.node, job), activities=jobs.activities(ask.node, job)
    )


def _targets(ask: Ask) -> list[str]:
    """What is built: names without the mark of recipes, or a zone; everything when nothing is selected."""
    if ask.word("select").startswith("zone:"):
        return [ask.word("select")]
    return [name.removeprefix("recipe:") for name in _listed(ask, "select")] or ["*"]


def _options(ask: Ask) -> jobs.Options:
    return jobs.Options(
        without=tuple(ask.words("without")), stop_at_zone=bool(ask.word("stop_at_zone")),
        update_schemas=bool(ask.word("update_schemas")),
    )  # fmt: skip


# what is done to a selection -----------------------------------------------------------------------------------------


@routes.post("/projects/{project}/flow/move", Permission.WRITE)
def move(ask: Ask) -> Response:
    """To a zone, or to a new one when `new` names it."""
    new, to = ask.word("new"), ask.word("new") or ask.word("zone")
    color = ask.word("color") if new else ""
    zones.move(ask.node, ask.project, _names(ask), to, author=ask.me.login, new=bool(new), color=color)
    return _again(ask, f"Moved to {to}.")


@routes.get("/projects/{project}/flow/selected", Permission.WRITE)
def selected(ask: Ask) -> Response:
    """What can be done to several datasets and folders at once, for those who come from their list."""
    names = _listed(ask, "select")
    if not names:
        return ask.to(ask.url("datasets"), "Choose datasets or folders first.", "warning")
    picture = flows.show(ask.node, ask.project, fresh=True)
    nodes = [inspecting.find(picture, ask.project, name) for name in names]
    return ask.page(
        "flow/selected.html", nodes=nodes, names=names, tags=selection.tags(ask.node, ask.project),
        connections=relocating.choices(ask.node), clearable=selection.clearable(ask.node, ask.project, names),
    )  # fmt: skip


@routes.post("/projects/{project}/flow/tags", Permission.WRITE)
def tag(ask: Ask) -> Response:
    words = [w.strip() for w in ask.word("add").split(",") if w.strip()]
    if not words and not ask.words("remove"):
        raise Invalid("Write a tag to add.")
    selection.tag(
        ask.node, ask.project, _names(ask), add=words, remove=ask.words("remove"), author=ask.me.login
    )
    return _again(ask, "Tags saved.")


@routes.post("/projects/{project}/flow/protect", Permission.WRITE)
def protect(ask: Ask) -> Response:
    chosen, names = ask.word("rebuild"), _names(ask)
    if len(names) == 1:
        item = projects.show(ask.node, ask.project).item(names[0])
        ask.check_seen(f"When {names[0]} is built", {"rebuild": getattr(item, "rebuild", "")})
    selection.set_rebuild(ask.node, ask.project, names, chosen, author=ask.me.login)  # type: ignore[arg-type]
    words = {"normal": "Builds may run it again.", "explicit": "Built only when a build names it."}
    return _again(ask, words.get(chosen, "Protected: no build replaces it."))


@routes.post("/projects/{project}/flow/connection", Permission.WRITE)
def change_connection(ask: Ask) -> Response:
    """Let the selected datasets live on another connection; those of other sorts stay as they are."""
    datasets = projects.show(ask.node, ask.project).datasets
    chosen = [n for n in _listed(ask, "select") if n in datasets]
    moved = relocating.change_connection(
        ask.node, ask.project, chosen, ask.word("connection"), author=ask.me.login,
        rows=bool(ask.word("rows")), drop=bool(ask.word("drop")),
    )  # fmt: skip
    where = ask.word("connection") or "files of this node"
    said = "Their rows came along." if moved.copied else "The next build fills them."
    if not moved.datasets:
        return _again(ask, f"They live on {where} already.")
    return _again(ask, f"{_count(len(moved.datasets))} moved to {where}. {said}")


@routes.post("/projects/{project}/flow/clear", Permission.WRITE)
def clear(ask: Ask) -> Response:
    names = [n for n in _listed(ask, "select") if not n.startswith("recipe:")]
    kept = selection.clear(ask.node, ask.project, names)
    for one in kept:
        ask.flash(one.why, "warning")
    return _again(ask, f"{_count(len(names) - len(kept))} cleared." if len(names) > len(kept) else "")


@routes.post("/projects/{project}/flow/copy", Permission.WRITE)
def copy(ask: Ask) -> Response:
    renamed = copying.copy(
        ask.node,
        ask.project,
        _names(ask),
        author=ask.me.login,
        ending=ask.word("ending", "_copy"),
        input=ask.word("input"),
    )
    return ask.to(ask.url("flow", select=",".join(renamed.values())), f"{_count(len(renamed))} copied.")


@routes.post("/projects/{project}/flow/rename", Permission.WRITE)
def rename(ask: Ask) -> Response:
    new = ask.word("name")
    projects.rename(ask.node, ask.project, _names(ask)[0], new, author=ask.me.login)
    return ask.to(ask.url("flow", select=new), "Renamed, with every reference to it.")


@routes.get("/projects/{project}/flow/delete", Permission.WRITE)
def ask_delete(ask: Ask) -> Response:
    names = _names(ask)
    return ask.fragment(
        "flow/_delete.html", names=names, impact=deleting.impact(ask.node, ask.project, names)
    )


@routes.get("/projects/{project}/flow/deletion", Permission.WRITE)
def deletion(ask: Ask) -> Response:
    """The same as a page of its own, for those who come from an object's page."""
    names = _names(ask)
    found = deleting.impact(ask.node, ask.project, names)
    sort = projects.show(ask.node, ask.project).item_type(names[0]) if found.items else "recipe"
    return ask.page(
        "flow/deletion.html", names=names, impact=found, back=ask.url(SECTIONS[sort], names[0]),
        after="datasets" if sort in ("dataset", "folder") else "flow",
    )  # fmt: skip


@routes.post("/projects/{project}/flow/delete", Permission.WRITE)
def delete(ask: Ask) -> Response:
    found = deleting.delete(
        ask.node, ask.project, _names(ask), author=ask.me.login, data=bool(ask.word("data"))
    )
    where = ask.url("datasets" if ask.word("to") == "datasets" else "flow")
    return ask.to(where, f"{_count(len(found.items) + len(found.recipes))} deleted.")


# zones ---------------------------------------------------------------------------------------------------------------


@routes.get("/projects/{project}/flow/zones", Permission.READ)
def zone_panel(ask: Ask) -> Response:
    """One zone (`zone=`), or a form for a new one."""
    name = ask.word("zone")
    graph = zones.graph(ask.node, ask.project, name) if name else None
    boxes = {b.name: b for b in flows.show(ask.node, ask.project).boxes}
    return ask.fragment("flow/_zone.html", graph=graph, box=boxes.get(graph.name) if graph else None)


@routes.post("/projects/{project}/flow/zones", Permission.WRITE)
def create_zone(ask: Ask) -> Response:
    zones.create(ask.node, ask.project, ask.word("name"), color=ask.word("color"), author=ask.me.login)
    return ask.to(ask.url("flow"), "Zone created. Move objects into it.")


@routes.post("/projects/{project}/flow/zones/{zone}", Permission.WRITE)
def change_zone(ask: Ask, zone: str) -> Response:
    graph, name = zones.graph(ask.node, ask.project, zone), ask.word("name")
    box = next(b for b in flows.show(ask.node, ask.project).boxes if b.name == graph.name)
    ask.check_seen(f"Zone {box.title}", {"name": box.title, "color": box.color})
    if ask.word("color") and graph.name != "default":
        zones.recolor(ask.node, ask.project, zone, ask.word("color"), author=ask.me.login)
    if name and name != zone:
        zones.rename(ask.node, ask.project, zone, name, author=ask.me.login)
    return ask.to(ask.url("flow"), "Zone saved.")


@routes.post("/projects/{project}/flow/zones/{zone}/delete", Permission.WRITE)
def delete_zone(ask: Ask, zone: str) -> Response:
    zones.delete(ask.node, ask.project, zone, author=ask.me.login)
    return ask.to(ask.url("flow"), "Zone deleted; what lay in it is in the default zone.")


@routes.post("/projects/{project}/flow/share", Permission.WRITE)
def share(ask: Ask) -> Response:
    for name in _names(ask):
        zones.share(ask.node, ask.project, name, ask.word("zone"), author=ask.me.login)
    return _again(ask, f"Shown in {ask.word('zone')} too.")


@routes.post("/projects/{project}/flow/unshare", Permission.WRITE)
def unshare(ask: Ask) -> Response:
    for name in _names(ask):
        zones.unshare(ask.node, ask.project, name, ask.word("zone"), author=ask.me.login)
    return _again(ask, f"No longer shown in {ask.word('zone')}.")


def _names(ask: Ask) -> list[str]:
    names = [name.removeprefix("recipe:") for name in _listed(ask, "select")]
    if not names:
        raise Invalid("Nothing is selected.", hint="Click an object of the Flow first.")
    return names


def _again(ask: Ask, text: str) -> Response:
    """The Flow with the same selection, or the page of it that one came from."""
    if ask.word("to") == "selected":
        return ask.to(ask.url("flow", "selected", select=",".join(_listed(ask, "select"))), text)
    return ask.to(ask.url("flow", select=",".join(_listed(ask, "select"))), text)


def _count(number: int) -> str:
    return f"{number} object" if number == 1 else f"{number} objects"
