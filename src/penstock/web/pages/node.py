"""Administration of the node: how it stands, what it is set to, who works, room on disk."""

from __future__ import annotations

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.counting import counted
from penstock.runtime import code_environment, home, node_logs, settings
from penstock.web import live
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


@routes.get("/admin/logs", Permission.ADMINISTRATOR)
def logs(ask: Ask) -> Response:
    """What servers and workers say of themselves."""
    found = node_logs.listing(ask.node)
    name = ask.word("name") or (found[0].name if found else "")
    node_logs.read(ask.node, name)
    return ask.page("node/logs.html", logs=found, name=name)


@routes.get("/admin/logs/live", Permission.ADMINISTRATOR)
def live_log(ask: Ask) -> Response:
    """The end of one log, and then what comes."""
    name = ask.word("name")
    node_logs.read(ask.node, name)

    def piece(start: int) -> live.Piece:
        return live.Piece(*node_logs.piece(ask.node, name, start=start))

    return live.tail(ask, piece)


@routes.get("/code-environment", Permission.SIGNED_IN)
def environment(ask: Ask) -> Response:
    """Which Python and which packages code runs in."""
    return ask.page("node/environment.html", environment=code_environment.show(ask.node, ask.word("text")))
