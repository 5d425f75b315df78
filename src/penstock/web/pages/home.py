"""Home: the projects of the caller with their state at a glance; a new one, or one from a zip."""

from __future__ import annotations

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.errors import Conflict, Invalid
from penstock.core.names import key_of_title
from penstock.runtime import importing, overview, projects
from penstock.web import advice
from penstock.web.asking import Ask, address
from penstock.web.routes import Routes

routes = Routes()
SECTIONS = {
    "dataset": "datasets", "folder": "folders", "model": "models", "evaluation_store": "evaluations",
    "recipe": "recipes", "scenario": "scenarios", "dashboard": "dashboards", "comparison": "comparisons", "service": "services",
    "article": "wiki",
}  # fmt: skip
"""A sort of object → the word of its address."""


@routes.get("/", Permission.SIGNED_IN)
def home(ask: Ask) -> Response:
    tag = ask.word("tag")
    found = overview.glances(ask.node, ask.me)
    tags = sorted({t for g in found for t in g.tags})
    return ask.page(
        "home/home.html", glances=[g for g in found if not tag or tag in g.tags], tag=tag, tags=tags
    )


@routes.get("/projects/switcher", Permission.SIGNED_IN)
def switcher(ask: Ask) -> Response:
    """The menu of the top bar."""
    return ask.fragment("home/_switcher.html", glances=overview.glances(ask.node, ask.me))


@routes.get("/projects/new", Permission.CREATE_PROJECTS)
def new(ask: Ask) -> Response:
    return ask.page("home/new.html", key="", title="", wrong="")


@routes.post("/projects/new", Permission.CREATE_PROJECTS)
def create(ask: Ask) -> Response:
    title = ask.word("title")
    key = ask.word("key") or key_of_title(title)
    try:
        projects.create(ask.node, key, title=title, author=ask.me.login)
    except (Invalid, Conflict) as error:
        return ask.page(
            "home/new.html", status=error.http_status, key=key, title=title, wrong=advice.told(error)
        )
    return ask.to(address("projects", key), f"Project {key} is there.")


@routes.post("/projects/import", Permission.CREATE_PROJECTS)
def take_in(ask: Ask) -> Response:
    """A project from the zip of its files."""
    upload = next(ask.files("zip"), None)
    if upload is None:
        raise Invalid("No file was sent.", hint="Choose the zip of a project.")
    made = importing.from_zip(
        ask.node, upload.file, key=ask.word("key"), filename=upload.filename or "", author=ask.me.login
    )
    return ask.to(address("projects", made.key), f"Project {made.key} was taken in.")
