"""Users: who may log in, made, changed, disabled, and let in by one-time links."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.errors import PenstockError
from penstock.core.user import User
from penstock.runtime import accounts, sessions, users
from penstock.web import advice
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()
ADMIN = Permission.ADMINISTRATOR


@routes.get("/admin/users", ADMIN)
def listing(ask: Ask) -> Response:
    return ask.page("users/listing.html", users=users.listing(ask.node))


@routes.get("/admin/users/new", ADMIN)
def new(ask: Ask) -> Response:
    return ask.page("users/new.html", groups=users.groups(ask.node), wrong="", status=200)


@routes.post("/admin/users/new", ADMIN)
def add(ask: Ask) -> Response:
    login = ask.word("login")
    try:
        users.add(
            ask.node, login, name=ask.word("name"), email=ask.word("email"), groups=ask.words("groups"),
            admin=ask.word("admin") == "yes",
        )  # fmt: skip
    except PenstockError as error:
        return ask.page("users/new.html", groups=users.groups(ask.node), wrong=advice.told(error), status=422)
    return _one(ask, login, link=_link(ask, login))


@routes.get("/admin/users/{login}", ADMIN)
def show(ask: Ask, login: str) -> Response:
    return _one(ask, login)


@routes.post("/admin/users/{login}", ADMIN)
def change(ask: Ask, login: str) -> Response:
    ask.check_seen(f"User {login}", _seen(users.show(ask.node, login)))
    try:
        users.change(
            ask.node, login, name=ask.word("name"), email=ask.word("email"), groups=ask.words("groups"),
            admin=ask.word("admin") == "yes",
        )  # fmt: skip
    except PenstockError as error:
        return _one(ask, login, wrong=advice.told(error))
    return ask.to(f"/admin/users/{login}", "Saved.")


@routes.post("/admin/users/{login}/link", ADMIN)
def link(ask: Ask, login: str) -> Response:
    """A one-time link, shown on this page and never again."""
    return _one(ask, login, link=_link(ask, login))


@routes.post("/admin/users/{login}/disable", ADMIN)
def disable(ask: Ask, login: str) -> Response:
    users.disable(ask.node, login)
    return ask.to(f"/admin/users/{login}", f"{login} is disabled and logged out everywhere.")


@routes.post("/admin/users/{login}/enable", ADMIN)
def enable(ask: Ask, login: str) -> Response:
    users.enable(ask.node, login)
    return ask.to(f"/admin/users/{login}", f"{login} may log in again.")


@routes.post("/admin/users/{login}/sessions/end", ADMIN)
def end_sessions(ask: Ask, login: str) -> Response:
    ended = sessions.sign_out_elsewhere(ask.node, login)
    return ask.to(f"/admin/users/{login}", f"{ended} sessions ended.")


def _seen(user: User) -> dict[str, Any]:
    return {"name": user.name, "email": user.email, "groups": sorted(user.groups), "admin": user.admin}


def _one(ask: Ask, login: str, *, wrong: str = "", link: str = "") -> Response:
    response = ask.page(
        "users/user.html", status=422 if wrong else 200, account=accounts.show(ask.node, login), link=link,
        groups=users.groups(ask.node), wrong=wrong, seen=_seen(users.show(ask.node, login)),
    )  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    return response


def _link(ask: Ask, login: str) -> str:
    """The whole address of a fresh one-time link."""
    issued = sessions.invite(ask.node, login)
    return issued.address if issued.base else f"{str(ask.request.base_url).rstrip('/')}{issued.path}"
