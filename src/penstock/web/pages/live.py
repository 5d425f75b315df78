"""What every page shows live: how much runs."""

from __future__ import annotations

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.runtime import activity
from penstock.runtime.activity import Going
from penstock.web import live, signs
from penstock.web.asking import Ask, Flash
from penstock.web.routes import Routes

routes = Routes()


@routes.get("/live/running", Permission.SIGNED_IN)
def running(ask: Ask) -> Response:
    """The indicator of the top bar, as server-sent events; what one started oneself is told when it ends."""
    mine: dict[str, Going] = {}
    failed: list[Flash] = []

    def now() -> live.Shown:
        found = activity.running(ask.node, ask.me)
        news = [
            flash
            for id, going in mine.items()
            if id not in {f.id for f in found}
            for flash in _told(ask, going)
        ]
        mine.clear()
        mine.update({f.id: f for f in found if f.by == ask.me.login})
        failed.extend(flash for flash in news if flash.level == "error")
        sign = "failed" if failed else "running" if mine else ""
        return live.Shown({"": ask.html("ui/_running.html", running=found)}, news=tuple(news), sign=sign)

    return live.stream(ask, now, every=2.0)


def _told(ask: Ask, going: Going) -> list[Flash]:
    found = activity.ended(ask.node, going)
    if found is None:
        return []
    words = f"{signs.state(found.state).words}: {found.title} in {going.project}"
    return [
        Flash("success" if found.went_well else "warning" if found.state == "WARNING" else "error", words)
    ]
