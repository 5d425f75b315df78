"""Bundles of a project: made, looked at, compared, downloaded, published, gone back to; and what goes along."""

from __future__ import annotations

from typing import Any

from starlette.responses import FileResponse, Response

from penstock.core.access import Permission
from penstock.core.errors import Conflict, PenstockError
from penstock.deploy import bundles, incoming, publishing
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()
REMEMBERED = "What goes into bundles"
SORTS = ("datasets", "models", "folders", "evaluation_stores")


@routes.get("/projects/{project}/bundles", Permission.READ)
def listing(ask: Ask) -> Response:
    made, active = bundles.made(ask.node, ask.project), incoming.active(ask.node, ask.project)
    return ask.page("bundles/list.html", made=made, active=active)


@routes.get("/projects/{project}/bundles/new", Permission.WRITE)
def new(ask: Ask) -> Response:
    return _form(ask)


@routes.post("/projects/{project}/bundles/new", Permission.WRITE)
def create(ask: Ask) -> Response:
    try:
        ask.check_seen(REMEMBERED, bundles.choices(ask.node, ask.project).content.model_dump())
        made = bundles.create(
            ask.node,
            ask.project,
            ask.word("id"),
            by=ask.me.login,
            notes=ask.word("notes"),
            content=_content(ask),
        )
    except PenstockError as wrong:
        return _form(ask, wrong=wrong)
    return ask.to(ask.url("bundles", made.bundle), f"Bundle {made.bundle} is made.")


@routes.get("/projects/{project}/bundles/content", Permission.READ)
def content(ask: Ask) -> Response:
    return ask.page("bundles/content.html", choices=bundles.choices(ask.node, ask.project))


@routes.post("/projects/{project}/bundles/content", Permission.WRITE)
def choose(ask: Ask) -> Response:
    ask.check_seen(REMEMBERED, bundles.choices(ask.node, ask.project).content.model_dump())
    bundles.choose(ask.node, ask.project, _content(ask), by=ask.me.login)
    return ask.to(ask.url("bundles"), "The next bundles hold that.")


@routes.get("/projects/{project}/bundles/{bundle}", Permission.READ)
def show(ask: Ask, bundle: str) -> Response:
    others = [b.bundle for b in bundles.made(ask.node, ask.project) if b.bundle != bundle]
    return ask.page(
        "bundles/bundle.html", manifest=bundles.manifest(ask.node, ask.project, bundle), others=others,
        found=bundles.compare(ask.node, ask.project, bundle, ask.word("against")),
    )  # fmt: skip


@routes.get("/projects/{project}/bundles/{bundle}/archive", Permission.EXPORT)
def archive(ask: Ask, bundle: str) -> Response:
    path = bundles.archive(ask.node, ask.project, bundle)
    return FileResponse(path, media_type="application/zip", filename=f"{ask.project}-{bundle}.zip")


@routes.post("/projects/{project}/bundles/{bundle}/publish", Permission.WRITE)
def publish(ask: Ask, bundle: str) -> Response:
    made = publishing.bundle(ask.node, ask.project, bundle, by=ask.me.login)
    return ask.to(f"/deployer#published-{ask.project}", f"Bundle {made.id} of {ask.project} is published.")


@routes.post("/projects/{project}/bundles/{bundle}/revert", Permission.WRITE)
def revert(ask: Ask, bundle: str) -> Response:
    incoming.revert(ask.node, ask.project, bundle, by=ask.me.login)
    return ask.to(ask.url("bundles"), f"The project is as it was in bundle {bundle}.")


@routes.post("/projects/{project}/bundles/{bundle}/delete", Permission.WRITE)
def delete(ask: Ask, bundle: str) -> Response:
    bundles.delete(ask.node, ask.project, bundle, by=ask.me.login)
    return ask.to(ask.url("bundles"), f"Bundle {bundle} is gone. What was published of it stays.")


def _form(ask: Ask, wrong: PenstockError | None = None) -> Response:
    choices, posted = bundles.choices(ask.node, ask.project), wrong is not None
    status = 409 if isinstance(wrong, Conflict) else 422
    return ask.page(
        "bundles/new.html", status=status if posted else 200, wrong=wrong, choices=choices,
        chosen=_content(ask) if posted else choices.content.model_dump(), notes=ask.word("notes"),
        id=ask.word("id") if posted else bundles.next_name(ask.node, ask.project),
        found=bundles.since(ask.node, ask.project),
    )  # fmt: skip


def _content(ask: Ask) -> dict[str, Any]:
    chosen: dict[str, Any] = {sort: list(ask.words(sort)) for sort in SORTS}
    ticked = {word: ask.word(word) == "yes" for word in ("only_required_versions", "wheelhouse")}
    return {**chosen, **ticked}
