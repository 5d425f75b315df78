"""API keys: one's own, those of a project, all of the node. A secret is shown on the page that answers its making."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from penstock.core.access import EVERY_PROJECT, GLOBAL, GRANTABLE, Permission
from penstock.core.errors import PenstockError
from penstock.core.user import ApiKey
from penstock.runtime import keys, projects
from penstock.web import advice
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()


@routes.get("/me/keys", Permission.SIGNED_IN)
def mine(ask: Ask) -> Response:
    return _mine(ask)


@routes.post("/me/keys", Permission.SIGNED_IN)
def create(ask: Ask) -> Response:
    try:
        made = keys.create_personal(
            ask.node, by=ask.me.login, label=ask.word("label"), days=ask.number("days")
        )
    except PenstockError as error:
        return _mine(ask, wrong=advice.told(error))
    return _mine(ask, made=made)


@routes.post("/me/keys/{id}/revoke", Permission.SIGNED_IN)
def revoke(ask: Ask, id: str) -> Response:
    return _revoked(ask, id, "/me/keys")


@routes.get("/projects/{project}/permissions/keys", Permission.EDIT_PERMISSIONS)
def of_project(ask: Ask) -> Response:
    return _of_project(ask)


@routes.post("/projects/{project}/permissions/keys", Permission.EDIT_PERMISSIONS)
def create_for_project(ask: Ask) -> Response:
    try:
        made = keys.create_for_project(
            ask.node, ask.project, ask.words("rights"), by=ask.me.login, label=ask.word("label"),
            days=ask.number("days"),
        )  # fmt: skip
    except PenstockError as error:
        return _of_project(ask, wrong=advice.told(error))
    return _of_project(ask, made=made)


@routes.post("/projects/{project}/permissions/keys/{id}/revoke", Permission.EDIT_PERMISSIONS)
def revoke_of_project(ask: Ask, id: str) -> Response:
    return _revoked(ask, id, ask.url("permissions", "keys"))


@routes.get("/admin/keys", Permission.ADMINISTRATOR)
def everywhere(ask: Ask) -> Response:
    return _everywhere(ask)


@routes.post("/admin/keys", Permission.ADMINISTRATOR)
def create_global(ask: Ask) -> Response:
    chosen = ask.words("projects") or [EVERY_PROJECT]
    rights = ask.words("rights")
    try:
        made = keys.create_global(
            ask.node, by=ask.me.login, permissions=ask.words("permissions"), label=ask.word("label"),
            days=ask.number("days"), projects=dict.fromkeys(chosen, rights) if rights else {},
        )  # fmt: skip
    except PenstockError as error:
        return _everywhere(ask, wrong=advice.told(error))
    return _everywhere(ask, made=made)


@routes.post("/admin/keys/{id}/revoke", Permission.ADMINISTRATOR)
def revoke_anybodys(ask: Ask, id: str) -> Response:
    return _revoked(ask, id, "/admin/keys")


def _mine(ask: Ask, *, wrong: str = "", made: keys.Made | None = None) -> Response:
    return _page(ask, "keys/mine.html", keys.mine(ask.node, by=ask.me.login), wrong=wrong, made=made)


def _of_project(ask: Ask, *, wrong: str = "", made: keys.Made | None = None) -> Response:
    held = [right for right in GRANTABLE if ask.may(right)]
    return _page(
        ask, "keys/project.html", keys.of_project(ask.node, ask.project), wrong=wrong, made=made, rights=held
    )


def _everywhere(ask: Ask, *, wrong: str = "", made: keys.Made | None = None) -> Response:
    return _page(
        ask, "keys/everywhere.html", keys.listing(ask.node), wrong=wrong, made=made, rights=GRANTABLE,
        permissions=GLOBAL, projects=projects.keys(ask.node),
    )  # fmt: skip


def _page(ask: Ask, template: str, found: Sequence[ApiKey], *, wrong: str, **data: object) -> Response:
    """A page that may show a secret: no cache keeps it."""
    response = ask.page(
        template, status=422 if wrong else 200, keys=found, wrong=wrong, now=ask.node.clock.now(), **data
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _revoked(ask: Ask, id: str, url: str) -> Response:
    key = keys.revoke(ask.node, id, by=ask.me.login)
    return ask.to(url, f"{key.prefix} is good no more.")
