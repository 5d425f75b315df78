"""Code environments: asked for, built, looked into by those who may; and what a project's code runs in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import FileResponse, Response

from penstock.core.access import Permission
from penstock.core.errors import Conflict, Invalid
from penstock.runtime import environments, plugins
from penstock.runtime.environment_usages import EnvironmentUsage
from penstock.web import forms, live
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()
HOME = "/admin/environments"
ONE = HOME + "/{environment}"
LINKS = {"recipe": "recipes", "scenario step": "scenarios", "scenario trigger": "scenarios", "model": "models",
         "endpoint": "services", "dataset": "datasets", "folder": "folders"}  # fmt: skip
"""Sort of a usage → the folder of its page."""


@routes.get(HOME, Permission.MANAGE_ENVIRONMENTS)
def listing(ask: Ask) -> Response:
    return ask.page("environments/list.html", environments=environments.list_(ask.node))


@routes.get(HOME + "/new", Permission.MANAGE_ENVIRONMENTS)
def new(ask: Ask) -> Response:
    return _new(ask, {})


@routes.post(HOME + "/new", Permission.MANAGE_ENVIRONMENTS)
def create(ask: Ask) -> Response:
    name = ask.word("name")
    try:
        environments.create(ask.node, name, _posted(ask), by=ask.me.login, background=True)
    except (Invalid, Conflict) as wrong:
        return _new(ask, _posted(ask), wrong)
    return ask.to(f"{HOME}/{name}", f"{name} is being built.", "info")


@routes.get(ONE, Permission.MANAGE_ENVIRONMENTS)
def show(ask: Ask, environment: str) -> Response:
    return _shown(ask, environment, None)


@routes.post(ONE, Permission.MANAGE_ENVIRONMENTS)
def save(ask: Ask, environment: str) -> Response:
    there = environments.show(ask.node, environment).definition
    ask.check_seen(f"Code environment {environment}", forms.values_of(there))
    try:
        environments.define(ask.node, environment, _posted(ask), by=ask.me.login, background=True)
    except (Invalid, Conflict) as wrong:
        return _shown(ask, environment, wrong)
    return ask.to(
        f"{HOME}/{environment}", "Saved. It is being built; code runs in what there was until then.", "info"
    )


@routes.post(ONE + "/build", Permission.MANAGE_ENVIRONMENTS)
def build(ask: Ask, environment: str) -> Response:
    environments.build(ask.node, environment, by=ask.me.login, background=True)
    return ask.to(f"{HOME}/{environment}", "It is being built.", "info")


@routes.post(ONE + "/delete", Permission.MANAGE_ENVIRONMENTS)
def delete(ask: Ask, environment: str) -> Response:
    environments.delete(ask.node, environment, by=ask.me.login)
    return ask.to(HOME, f"Code environment {environment} is gone.")


@routes.get(ONE + "/archive", Permission.MANAGE_ENVIRONMENTS)
def archive(ask: Ask, environment: str) -> Response:
    return _file(environments.archived(ask.node, environment))


@routes.get(ONE + "/live", Permission.MANAGE_ENVIRONMENTS)
def live_state(ask: Ask, environment: str) -> Response:
    """Whether a build still runs; the page is loaded anew when it has ended."""

    def now() -> live.Shown:
        ended = environments.show(ask.node, environment).state != "building"
        return live.Shown(ended=ended, reload=ended)

    return live.stream(ask, now)


@routes.get(ONE + "/log/live", Permission.MANAGE_ENVIRONMENTS)
def live_log(ask: Ask, environment: str) -> Response:
    """What the last build says, as it says it."""

    def piece(start: int) -> live.Piece:
        text = environments.log(ask.node, environment).encode()
        ended = environments.show(ask.node, environment).state != "building"
        return live.Piece(text[start:].decode(errors="replace"), len(text), ended)

    return live.tail(ask, piece)


@routes.get("/projects/{project}/environments", Permission.READ)
def of_project(ask: Ask) -> Response:
    """What the code of a project runs in, and which plugins it uses."""
    return ask.page(
        "environments/project.html", environments=environments.of_project(ask.node, ask.project),
        usages=_by_environment(ask), links=LINKS,
        plugins=plugins.of_project(ask.node, ask.project),
    )  # fmt: skip


@routes.get("/projects/{project}/environments/{environment}/archive", Permission.READ)
def archive_of_project(ask: Ask, environment: str) -> Response:
    return _file(environments.archived_of_project(ask.node, ask.project, environment))


def _by_environment(ask: Ask) -> dict[str, list[EnvironmentUsage]]:
    return {
        shown.name: [u for u in environments.usages(ask.node, shown.name) if u.project == ask.project]
        for shown in environments.of_project(ask.node, ask.project)
    }


def _posted(ask: Ask) -> dict[str, Any]:
    lines = {word: ask.word(word).splitlines() for word in ("packages", "options")}
    return {"description": ask.word("description"), "python": ask.word("python"), **lines}


def _new(ask: Ask, values: Mapping[str, Any], wrong: Exception | None = None) -> Response:
    return ask.page(
        "environments/new.html", status=422 if wrong else 200, values=values, wrong=str(wrong or ""),
        name=ask.word("name"), pythons=environments.pythons(ask.node),
    )  # fmt: skip


def _shown(ask: Ask, name: str, wrong: Exception | None) -> Response:
    shown = environments.show(ask.node, name)
    values = _posted(ask) if wrong else shown.definition.model_dump()
    return ask.page(
        "environments/environment.html", status=422 if wrong else 200, shown=shown, values=values,
        wrong=str(wrong or ""), saved=forms.values_of(shown.definition), links=LINKS,
        pythons=environments.pythons(ask.node),
        usages=environments.usages(ask.node, name),
    )  # fmt: skip


def _file(path: Any) -> Response:
    return FileResponse(path, media_type="application/zip", filename=path.name)
