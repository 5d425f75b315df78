"""Administration of the node: how it stands, what it is set to, who works, room on disk."""

from __future__ import annotations

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.counting import counted
from penstock.runtime import home, settings
from penstock.web.asking import Ask
from penstock.web.humane import size
from penstock.web.routes import Routes

routes = Routes()


@routes.get("/admin", Permission.ADMINISTRATOR)
def overview(ask: Ask) -> Response:
    return ask.page("node/overview.html", home=home.status(ask.node))


@routes.post("/admin/tidy", Permission.ADMINISTRATOR)
def tidy(ask: Ask) -> Response:
    found = home.tidy(ask.node)
    numbers = {"run": found.runs, "job": found.jobs, "log": found.logs, "left-over": found.left_overs}
    removed = ", ".join(counted(n, word) for word, n in numbers.items() if n)
    return ask.to(
        "/admin", f"Removed: {removed}; {size(found.freed)} freed." if removed else "Nothing is old enough."
    )


@routes.get("/admin/settings", Permission.ADMINISTRATOR)
def shown(ask: Ask) -> Response:
    return ask.page("node/settings.html", settings=settings.listing(ask.node))
