"""The home of a project: what it is for, who is in it, how it stands, what happened, what is left to do."""

from __future__ import annotations

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.runtime import overview, projects, timeline, to_dos
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()


@routes.get("/projects/{project}", Permission.DISCOVER)
def show(ask: Ask) -> Response:
    settings = projects.show(ask.node, ask.project).settings
    if not ask.may(Permission.READ):
        return ask.page("projects/outside.html", settings=settings)
    return ask.page(
        "projects/show.html", settings=settings, overview=overview.show(ask.node, ask.me, ask.project),
        moments=timeline.show(ask.node, ask.project),
    )  # fmt: skip


@routes.get("/projects/{project}/timeline", Permission.READ)
def whole_timeline(ask: Ask) -> Response:
    """More of what happened."""
    limit = ask.number("limit", 100, most=2000)
    moments = timeline.show(ask.node, ask.project, limit=limit)
    return ask.page("projects/timeline.html", moments=moments, limit=limit)


@routes.post("/projects/{project}/to-dos", Permission.WRITE)
def add_to_do(ask: Ask) -> Response:
    to_dos.add(ask.node, ask.project, ask.word("text"), author=ask.me.login)
    return _to_dos(ask)


@routes.post("/projects/{project}/to-dos/{index}", Permission.WRITE)
def change_to_do(ask: Ask, index: str) -> Response:
    """Tick it, take the tick away, or drop it."""
    at, action = int(index) if index.isdigit() else -1, ask.word("action")
    listed = dict(enumerate(projects.show(ask.node, ask.project).settings.to_dos))
    there = {"text": listed[at].text, "done": listed[at].done} if at in listed else {}
    ask.check_seen("The list of what is left to do", there)
    if action == "drop":
        to_dos.remove(ask.node, ask.project, at, author=ask.me.login)
    else:
        to_dos.tick(ask.node, ask.project, at, done=action == "done", author=ask.me.login)
    return _to_dos(ask)


def _to_dos(ask: Ask) -> Response:
    if not ask.is_fragment:
        return ask.to(ask.url())
    return ask.fragment("projects/_to_dos.html", settings=projects.show(ask.node, ask.project).settings)
