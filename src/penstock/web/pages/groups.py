"""Groups: who is together, and what they may do on the node."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from penstock.core.access import GLOBAL, Permission
from penstock.core.errors import PenstockError
from penstock.core.user import Group
from penstock.runtime import users
from penstock.web import advice
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()
ADMIN = Permission.ADMINISTRATOR


@routes.get("/admin/groups", ADMIN)
def listing(ask: Ask) -> Response:
    return _list(ask)


@routes.post("/admin/groups", ADMIN)
def add(ask: Ask) -> Response:
    name = ask.word("name")
    try:
        users.save_group(
            ask.node, name, description=ask.word("description"), permissions=ask.words("permissions")
        )
    except PenstockError as error:
        return _list(ask, wrong=advice.told(error))
    return ask.to("/admin/groups", f"Group {name} is there.")


@routes.get("/admin/groups/{group}", ADMIN)
def show(ask: Ask, group: str) -> Response:
    found = ask.node.users.group(group)
    return ask.page(
        "groups/group.html",
        group=found,
        members=users.members(ask.node, group),
        all=GLOBAL,
        seen=_seen(found),
    )


@routes.post("/admin/groups/{group}", ADMIN)
def change(ask: Ask, group: str) -> Response:
    ask.check_seen(f"Group {group}", _seen(ask.node.users.group(group)))
    users.save_group(
        ask.node, group, description=ask.word("description"), permissions=ask.words("permissions")
    )
    return ask.to(f"/admin/groups/{group}", "Saved.")


@routes.post("/admin/groups/{group}/delete", ADMIN)
def delete(ask: Ask, group: str) -> Response:
    users.delete_group(ask.node, group)
    return ask.to("/admin/groups", f"Group {group} is gone.")


def _seen(group: Group) -> dict[str, Any]:
    return {"description": group.description, "permissions": sorted(group.permissions)}


def _list(ask: Ask, wrong: str = "") -> Response:
    found = {group: users.members(ask.node, group.name) for group in users.groups(ask.node)}
    return ask.page(
        "groups/listing.html", status=422 if wrong else 200, groups=found, all=GLOBAL, wrong=wrong
    )
