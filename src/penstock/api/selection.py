"""Over HTTP: what is done to several objects of a Flow at once, and what is known about one of them."""

from __future__ import annotations

from penstock.api.route import get, post
from penstock.core.access import Permission as P

FLOW = "/projects/{project}/flow"
SELECTION = FLOW + "/selection"

ROUTES = (
    get("selection.tags", "/projects/{project}/tags", P.READ),
    post("selection.tag", SELECTION + "/tags", P.WRITE),
    post("selection.rename_tag", "/projects/{project}/tags/{old}/name", P.WRITE),
    post("selection.set_rebuild", SELECTION + "/rebuild", P.WRITE),
    post("relocating.change_connection", SELECTION + "/connection", P.WRITE),
    post("selection.clear", SELECTION + "/clear", P.WRITE),
    post("copying.copy", SELECTION + "/copy", P.WRITE),
    post("deleting.impact", SELECTION + "/impact", P.READ),
    post("deleting.delete", SELECTION + "/delete", P.WRITE),
    get("flow.standings", FLOW + "/states", P.READ),
    get("views.view", FLOW + "/views/{name}", P.READ),
)
