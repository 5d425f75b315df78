"""People of a project over HTTP: who has which rights, who owns it, what is authorised for dashboards."""

from __future__ import annotations

from penstock.api.route import get, put
from penstock.core.access import Permission as P

ONE = "/projects/{project}/people"

ROUTES = (
    get("people.of", ONE, P.READ),
    put("people.grant", ONE, P.EDIT_PERMISSIONS),
    put("people.set_owner", ONE + "/owner", P.ADMIN),
    put("people.set_visibility", ONE + "/visibility", P.EDIT_PERMISSIONS),
    get("people.authorised", "/projects/{project}/authorised", P.READ),
    put("people.authorise", "/projects/{project}/authorised/{sort}/{name}", P.AUTHORISE),
)
