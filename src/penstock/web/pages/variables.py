"""Variables of a project: every value, the level that gave it, and a row to set one."""

from __future__ import annotations

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.names import check_name
from penstock.core.variables import typed
from penstock.runtime import variables
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()


@routes.get("/projects/{project}/variables", Permission.READ)
def listing(ask: Ask) -> Response:
    return ask.page("variables/variables.html", variables=variables.levels(ask.node, ask.project))


@routes.post("/projects/{project}/variables", Permission.WRITE)
def assign(ask: Ask) -> Response:
    name = check_name(ask.word("name"))
    is_local = ask.word("level") == "local"
    values = {name: typed(ask.word("value"))}
    variables.assign(ask.node, ask.project, values, author=ask.me.login, local=is_local)
    return ask.to(ask.url("variables"), f"{name} is set{' on this node' if is_local else ''}.")


@routes.post("/projects/{project}/variables/{name}/remove", Permission.WRITE)
def remove(ask: Ask, name: str) -> Response:
    is_local = ask.word("level") == "local"
    variables.remove(ask.node, ask.project, [name], author=ask.me.login, local=is_local)
    return ask.to(ask.url("variables"), f"{name} is gone from the {ask.word('level')} level.")
