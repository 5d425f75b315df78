"""Project standards over HTTP: what they found, look again; which hold on this node."""

from __future__ import annotations

from penstock.api.route import get, post, put
from penstock.core.access import Permission as P

OF_PROJECT = "/projects/{project}/standards"

ROUTES = (
    get("standards.report", OF_PROJECT, P.READ),
    post("standards.run", OF_PROJECT, P.READ),
    get("standards.settings", "/standards", P.SIGNED_IN),
    put("standards.choose", "/standards", P.ADMINISTRATOR, whole="standards"),
)
