"""What every page shows live: how much runs."""

from __future__ import annotations

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.runtime import activity
from penstock.web import live
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()


@routes.get("/live/running", Permission.SIGNED_IN)
def running(ask: Ask) -> Response:
    """The indicator of the top bar, as server-sent events."""

    def now() -> live.Shown:
        found = activity.running(ask.node, ask.me)
        return live.Shown({"": ask.html("ui/_running.html", running=found)})

    return live.stream(ask, now, every=2.0)
