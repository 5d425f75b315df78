"""Discussions: topics of a project or of an object, what was said, and where one was meant."""

from __future__ import annotations

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.http.addresses import number
from penstock.runtime import discussions
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()


@routes.get("/projects/{project}/discussions", Permission.READ)
def listing(ask: Ask) -> Response:
    about = ask.word("object")
    if about:
        discussions.check_object(ask.node, ask.project, about)
    found = discussions.listing(ask.node, ask.project, about)
    return ask.page("discussions/list.html", found=found, about=about, begins=bool(ask.word("new")))


@routes.post("/projects/{project}/discussions", Permission.READ)
def begin(ask: Ask) -> Response:
    begun = discussions.begin(
        ask.node, ask.project, ask.word("object") or "project:", ask.word("topic"), ask.word("text"),
        author=ask.me.login,
    )  # fmt: skip
    _warn(ask)
    return ask.to(ask.url("discussions", str(begun.id)))


@routes.get("/projects/{project}/discussions/{id}", Permission.READ)
def show(ask: Ask, id: str) -> Response:
    found = discussions.show(ask.node, ask.project, number(id))
    return ask.page("discussions/show.html", found=found, changing=number(ask.word("change") or "0"))


@routes.post("/projects/{project}/discussions/{id}/replies", Permission.READ)
def reply(ask: Ask, id: str) -> Response:
    discussions.reply(ask.node, ask.project, number(id), ask.word("text"), author=ask.me.login)
    _warn(ask)
    return ask.to(ask.url("discussions", id))


@routes.post("/projects/{project}/discussions/{id}/replies/{reply}", Permission.READ)
def change(ask: Ask, id: str, reply: str) -> Response:
    said = next(
        (r.text for r in discussions.show(ask.node, ask.project, number(id)).replies if str(r.id) == reply),
        "",
    )
    ask.check_seen("The reply", {"text": said})
    discussions.change(
        ask.node, ask.project, number(id), number(reply), ask.word("text"), author=ask.me.login
    )
    _warn(ask)
    return ask.to(ask.url("discussions", id), "Changed.")


@routes.post("/projects/{project}/discussions/{id}/close", Permission.READ)
def close(ask: Ask, id: str) -> Response:
    closed = ask.word("closed") != "no"
    discussions.close(ask.node, ask.project, number(id), closed=closed, author=ask.me.login)
    return ask.to(ask.url("discussions", id), "Closed." if closed else "Open again.")


@routes.get("/me/notices", Permission.SIGNED_IN)
def notices(ask: Ask) -> Response:
    return ask.page("discussions/notices.html", notices=discussions.notices(ask.node, ask.me.login))


@routes.post("/me/notices", Permission.SIGNED_IN)
def see(ask: Ask) -> Response:
    discussions.see(ask.node, ask.me.login)
    return ask.to("/me/notices")


def _warn(ask: Ask) -> None:
    """Who was named and is not told."""
    lost = discussions.unreached(ask.node, ask.project, ask.word("text"), author=ask.me.login)
    if lost:
        names = ", ".join(f"@{word}" for word in lost)
        ask.flash(f"Nobody is told of {names}: nobody who may read this project is called so.", "warning")
