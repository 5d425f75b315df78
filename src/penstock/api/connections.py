"""Connections, channels and secrets over HTTP. A secret is put in and never comes out."""

from __future__ import annotations

from penstock.api.route import Answer, delete, get, post, put
from penstock.core.access import Permission as P

ONE = "/connections/{name}"

ROUTES = (
    get("connections.list_", "/connections", P.MANAGE_CONNECTIONS),
    get("connections.show", ONE, P.MANAGE_CONNECTIONS),
    put("connections.define", ONE, P.MANAGE_CONNECTIONS, whole="definition"),
    delete("connections.delete", ONE, P.MANAGE_CONNECTIONS, answer=Answer.NOTHING),
    post("connections.test", ONE + "/test", P.MANAGE_CONNECTIONS),
    post("connections.send_test", ONE + "/messages", P.MANAGE_CONNECTIONS, repeats=True),
    get("connections.secrets", "/secrets", P.MANAGE_CONNECTIONS),
    put("connections.set_secret", "/secrets/{name}", P.MANAGE_CONNECTIONS, answer=Answer.NOTHING),
    delete("connections.delete_secret", "/secrets/{name}", P.MANAGE_CONNECTIONS, answer=Answer.NOTHING),
)
