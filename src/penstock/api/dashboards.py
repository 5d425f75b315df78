"""Dashboards over HTTP: design, look at, publish to, export."""

from __future__ import annotations

from penstock.api.route import Answer, delete, get, post, put
from penstock.core.access import Permission as P

ALL = "/projects/{project}/dashboards"
ONE = ALL + "/{name}"

ROUTES = (
    get("dashboards.listing", ALL, P.READ_DASHBOARDS),
    post("dashboards.create", ALL, P.WRITE_DASHBOARDS, status=201),
    get("dashboards.definition", ONE, P.READ_DASHBOARDS),
    put("dashboards.save", ONE, P.WRITE_DASHBOARDS, whole="definition"),
    delete("dashboards.delete", ONE, P.WRITE_DASHBOARDS, answer=Answer.NOTHING),
    put("dashboards.promote", ONE + "/promoted", P.WRITE_DASHBOARDS, answer=Answer.NOTHING),
    get("dashboards.look", ONE + "/page", P.READ_DASHBOARDS),
    post("dashboards.add", ONE + "/tiles", P.WRITE_DASHBOARDS, status=201),
    post("dashboards.copy_tile", ONE + "/tiles/{key}/copies", P.WRITE_DASHBOARDS, status=201),
    post("dashboards.press", ONE + "/tiles/{key}/runs", P.READ_DASHBOARDS, status=202, repeats=True),
    post("dashboards.publish", ONE + "/published", P.WRITE_DASHBOARDS, status=201),
    get(
        "printouts.write",
        ONE + "/export",
        P.READ_DASHBOARDS,
        answer=Answer.FILE,
        formats=("pdf", "png", "jpg"),
    ),
)
