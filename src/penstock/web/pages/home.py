"""Home: the projects of the caller with their state at a glance."""

from __future__ import annotations

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.runtime import projects
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()


@routes.get("/", Permission.SIGNED_IN)
def home(ask: Ask) -> Response:
    return ask.page("home/home.html", projects=projects.summaries(ask.node))


@routes.get("/projects/switcher", Permission.SIGNED_IN)
def switcher(ask: Ask) -> Response:
    return ask.fragment("home/_switcher.html", projects=projects.summaries(ask.node))
