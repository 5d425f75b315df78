"""Code environments over HTTP: built by those who may, seen by everybody who reads a project that uses them."""

from __future__ import annotations

from penstock.api.route import Answer, delete, get, post, put
from penstock.core.access import Permission as P

ONE = "/environments/{name}"
OF_PROJECT = "/projects/{project}/environments"

ROUTES = (
    get("environments.list_", "/environments", P.MANAGE_ENVIRONMENTS),
    get("environments.pythons", "/pythons", P.MANAGE_ENVIRONMENTS),
    post("environments.create", ONE, P.MANAGE_ENVIRONMENTS, whole="definition", status=201,
         fixed={"background": True}),
    get("environments.show", ONE, P.MANAGE_ENVIRONMENTS),
    put("environments.define", ONE, P.MANAGE_ENVIRONMENTS, whole="definition", fixed={"background": True}),
    post("environments.build", ONE + "/builds", P.MANAGE_ENVIRONMENTS, fixed={"background": True}),
    delete("environments.delete", ONE, P.MANAGE_ENVIRONMENTS, answer=Answer.NOTHING),
    get("environments.usages", ONE + "/usages", P.MANAGE_ENVIRONMENTS),
    get("environments.log", ONE + "/log", P.MANAGE_ENVIRONMENTS, answer=Answer.TEXT),
    get("environments.archived", ONE + "/archive", P.MANAGE_ENVIRONMENTS, answer=Answer.FILE),
    get("environments.of_project", OF_PROJECT, P.READ),
    get("environments.in_project", OF_PROJECT + "/{name}", P.READ),
    get("environments.version_for", OF_PROJECT + "/{name}/version", P.READ),
    get("environments.archived_of_project", OF_PROJECT + "/{name}/archive", P.READ, answer=Answer.FILE),
)  # fmt: skip
