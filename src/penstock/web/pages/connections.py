"""Connections, channels and secrets of the node: list, define by form, try, send a test message, seal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.errors import Invalid, InvalidDefinition, InvalidName
from penstock.core.names import check_name
from penstock.runtime import connections
from penstock.web import advice, forms
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()
HOME = "/admin/connections"


@routes.get("/admin/connections", Permission.MANAGE_CONNECTIONS)
def listing(ask: Ask) -> Response:
    return ask.page(
        "connections/list.html",
        connections=connections.list_(ask.node),
        secrets=connections.secrets(ask.node),
    )


@routes.get("/admin/connections/new", Permission.MANAGE_CONNECTIONS)
def new(ask: Ask) -> Response:
    return _new(ask, "", {"type": ask.word("type", "smtp")})


@routes.post("/admin/connections/new", Permission.MANAGE_CONNECTIONS)
def create(ask: Ask) -> Response:
    name, values = ask.word("connection_name"), forms.read_kind("connections", ask.form)
    try:
        connections.define(ask.node, check_name(name), values)
    except (InvalidDefinition, InvalidName) as wrong:
        return _new(ask, name, values, wrong)
    return ask.to(f"{HOME}/{name}", "Saved. Try it next.")


@routes.get("/admin/connections/{name}", Permission.MANAGE_CONNECTIONS)
def show(ask: Ask, name: str) -> Response:
    return _shown(ask, name, forms.draw(ask, connections.show(ask.node, name)))


@routes.post("/admin/connections/{name}", Permission.MANAGE_CONNECTIONS)
def save(ask: Ask, name: str) -> Response:
    there = connections.show(ask.node, name)
    kind, values = type(there), forms.read(type(there), ask.form)
    ask.check_seen(f"Connection {name}", forms.values_of(there))
    try:
        connections.define(ask.node, name, values)
    except InvalidDefinition as wrong:
        return _shown(ask, name, forms.draw(ask, kind, values, wrong=wrong), status=422)
    return ask.to(f"{HOME}/{name}", "Saved. Try it next.")


@routes.post("/admin/connections/{name}/test", Permission.MANAGE_CONNECTIONS)
def try_(ask: Ask, name: str) -> Response:
    return ask.to(f"{HOME}/{name}", f"It answers: {connections.test(ask.node, name)}")


@routes.post("/admin/connections/{name}/send", Permission.MANAGE_CONNECTIONS)
def send(ask: Ask, name: str) -> Response:
    to = ask.word("to").replace(",", " ").split()
    return ask.to(f"{HOME}/{name}", connections.send_test(ask.node, name, to, by=ask.me.login))


@routes.post("/admin/connections/{name}/delete", Permission.MANAGE_CONNECTIONS)
def delete(ask: Ask, name: str) -> Response:
    connections.delete(ask.node, name)
    return ask.to(HOME, f"{name} is gone; its secrets stay.")


@routes.post("/admin/secrets", Permission.MANAGE_CONNECTIONS)
def seal(ask: Ask) -> Response:
    name = check_name(ask.word("name"))
    connections.set_secret(ask.node, name, str(ask.form.get("value", "")))
    return ask.back(f"Sealed. Write secret:{name} where it is needed.")


@routes.post("/admin/secrets/{name}/delete", Permission.MANAGE_CONNECTIONS)
def forget(ask: Ask, name: str) -> Response:
    connections.delete_secret(ask.node, name)
    return ask.back(f"Secret {name} is gone.")


def _new(ask: Ask, name: str, values: Mapping[str, Any], wrong: Invalid | None = None) -> Response:
    flaw = wrong if isinstance(wrong, InvalidDefinition) else None
    fields = forms.draw_kind(ask, "connections", values, wrong=flaw, label="Kind")
    return ask.page(
        "connections/new.html", status=422 if wrong else 200, name=name, fields=fields,
        name_wrong="" if flaw or not wrong else advice.told(wrong),
    )  # fmt: skip


def _shown(ask: Ask, name: str, fields: Markup, *, status: int = 200) -> Response:
    return ask.page(
        "connections/connection.html", status=status, fields=fields, connection=connections.listed(ask.node, name),
        secrets=connections.secrets(ask.node), saved=forms.values_of(connections.show(ask.node, name)),
    )  # fmt: skip
