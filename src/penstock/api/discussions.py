"""Discussions over HTTP: about any object of a project; and where one was meant."""

from __future__ import annotations

from penstock.api.route import get, post, put
from penstock.core.access import Permission as P

ALL = "/projects/{project}/discussions"
ONE = ALL + "/{id}"

ROUTES = (
    get("discussions.listing", ALL, P.READ),
    post("discussions.begin", ALL, P.READ, status=201),
    get("discussions.show", ONE, P.READ),
    post("discussions.reply", ONE + "/replies", P.READ, status=201),
    put("discussions.change", ONE + "/replies/{reply}", P.READ),
    put("discussions.close", ONE + "/closed", P.READ),
)
