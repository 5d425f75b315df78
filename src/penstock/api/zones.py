"""Zones of the Flow over HTTP."""

from __future__ import annotations

from penstock.api.route import Answer, delete, get, post, put
from penstock.core.access import Permission as P

ZONES = "/projects/{project}/zones"

ROUTES = (
    get("zones.graphs", ZONES, P.READ),
    post("zones.create", ZONES, P.WRITE, status=201),
    put("zones.rename", ZONES + "/{name}/name", P.WRITE),
    put("zones.recolor", ZONES + "/{name}/color", P.WRITE),
    delete("zones.delete", ZONES + "/{name}", P.WRITE, answer=Answer.NOTHING),
    post("zones.move", ZONES + "/{to}/items", P.WRITE),
    put("zones.share", ZONES + "/{into}/shared/{item}", P.WRITE),
    delete("zones.unshare", ZONES + "/{from_zone}/shared/{item}", P.WRITE, answer=Answer.NOTHING),
)
