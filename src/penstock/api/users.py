"""Users and groups over HTTP, for administrators. Passwords come in and never come out."""

from __future__ import annotations

from penstock.api.route import Answer, delete, get, patch, post, put
from penstock.core.access import Permission as P

ONE = "/users/{login}"

ROUTES = (
    get("users.listing", "/users", P.ADMINISTRATOR),
    post("users.add", "/users", P.ADMINISTRATOR, status=201),
    get("users.show", ONE, P.ADMINISTRATOR),
    patch("users.change", ONE, P.ADMINISTRATOR),
    post("users.disable", ONE + "/disable", P.ADMINISTRATOR),
    post("users.enable", ONE + "/enable", P.ADMINISTRATOR),
    put("users.set_password", ONE + "/password", P.ADMINISTRATOR, answer=Answer.NOTHING, fixed={"keep": ""}),
    post("sessions.invite", ONE + "/links", P.ADMINISTRATOR, status=201),
    get("users.groups", "/groups", P.SIGNED_IN),
    get("users.members", "/groups/{group}/members", P.ADMINISTRATOR),
    put("users.save_group", "/groups/{name}", P.ADMINISTRATOR),
    delete("users.delete_group", "/groups/{name}", P.ADMINISTRATOR, answer=Answer.NOTHING),
)
