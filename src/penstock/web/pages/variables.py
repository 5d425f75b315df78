"""Variables of a project: every value, the level that gave it, and a row to set one."""

from __future__ import annotations

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.errors import Invalid
from penstock.core.variables import typed
from penstock.runtime import variables
from penstock.web import advice
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()


@routes.get("/projects/{project}/variables", Permission.READ)
def listing(ask: Ask) -> Response:
    return _listed(ask)


@routes.post("/projects/{project}/variables", Permission.WRITE)
def assign(ask: Ask) -> Response:
    name, is_local = ask.word("name"), ask.word("level") == "local"
    there = {v.name: v for v in variables.levels(ask.node, ask.project)}.get(name)
    ask.check_seen(f"Variable {name}", {"value": there.value, "level": there.level} if there else {})
    try:
        values = {name: typed(ask.word("value"))}
        variables.assign(ask.node, ask.project, values, author=ask.me.login, local=is_local)
    except Invalid as wrong:
        return _listed(ask, wrong)
    return ask.to(ask.url("variables"), f"{name} is set{' on this node' if is_local else ''}.")


@routes.post("/projects/{project}/variables/{name}/remove", Permission.WRITE)
def remove(ask: Ask, name: str) -> Response:
    is_local = ask.word("level") == "local"
    variables.remove(ask.node, ask.project, [name], author=ask.me.login, local=is_local)
    return ask.to(ask.url("variables"), f"{name} is gone from the {ask.word('level')} level.")


def _listed(ask: Ask, wrong: Invalid | None = None) -> Response:
    """Every variable, and the row to set one with what was typed into it."""
    return ask.page(
        "variables/variables.html", status=wrong.http_status if wrong else 200,
        variables=variables.levels(ask.node, ask.project), wrong=advice.of(wrong.message) if wrong else "",
    )  # fmt: skip
