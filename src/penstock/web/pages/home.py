"""Home: the projects of the caller with their state at a glance; a new one, or one from a zip."""

from __future__ import annotations

from contextlib import suppress

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.errors import Conflict, Invalid, PenstockError
from penstock.core.export import ImportCheck
from penstock.core.names import key_of_title
from penstock.deploy import exports
from penstock.http import uploads
from penstock.runtime import importing, overview, projects, relocating, tickets
from penstock.web import advice
from penstock.web.asking import Ask, address
from penstock.web.routes import Routes

routes = Routes()
SECTIONS = {
    "dataset": "datasets", "folder": "folders", "model": "models", "evaluation_store": "evaluations",
    "recipe": "recipes", "scenario": "scenarios", "dashboard": "dashboards", "comparison": "comparisons",
    "service": "services", "article": "wiki",
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
    """A project from the zip of its files, with the connections chosen for those it names."""
    by, ticket = ask.me.login, ask.word("ticket")
    try:
        ticket = _received(ask, ticket)
        file = next(iter(tickets.files(ask.node, ticket, by=by)), None)
        if file is None:
            raise Invalid("No file was sent.", hint="Choose the zip of a project.")
        with file.open("rb") as archive:
            made = importing.from_zip(
                ask.node,
                archive,
                key=ask.word("key"),
                filename=file.name,
                author=by,
                connections=_chosen(ask),
            )
    except PenstockError as wrong:
        return _import(ask, ticket, wrong)
    tickets.drop(ask.node, ticket, by=by)
    return ask.to(address("projects", made.key), f"Project {made.key} was taken in.")


def _received(ask: Ask, ticket: str) -> str:
    """The ticket of the zip: a fresh one takes the place of the one that came before."""
    sent = list(ask.files("zip"))[:1]
    if not sent:
        return ticket
    tickets.drop(ask.node, ticket, by=ask.me.login)
    fresh = tickets.begin(ask.node, by=ask.me.login)
    uploads.receive(sent, tickets.folder(ask.node, fresh, by=ask.me.login))
    return fresh


def _chosen(ask: Ask) -> list[str]:
    """`OLD=NEW` of the connections that somebody chose."""
    names = [word.removeprefix("connection.") for word in ask.form if word.startswith("connection.")]
    return [f"{name}={ask.word(f'connection.{name}')}" for name in names if ask.word(f"connection.{name}")]


def _import(ask: Ask, ticket: str, wrong: PenstockError) -> Response:
    """The form once more: what is wrong, the zip kept, and which connections it names."""
    file = next(iter(tickets.files(ask.node, ticket, by=ask.me.login)), None)
    fits: list[relocating.Fit] = []
    found: ImportCheck | None = None
    if file is not None:
        with suppress(PenstockError), file.open("rb") as archive:
            fits = importing.fits(
                ask.node, archive, key=ask.word("key"), filename=file.name, connections=_chosen(ask)
            )
        with suppress(PenstockError), file.open("rb") as archive:
            found = exports.checked(
                ask.node, archive, key=ask.word("key"), filename=file.name, connections=_chosen(ask)
            )
    problems = {fit.name: advice.told(fit.problem) for fit in fits if fit.problem}
    return ask.page(
        "home/import.html", status=wrong.http_status, file=file.name if file else "", ticket=ticket, fits=fits,
        problems=problems, found=found, wrong=advice.told(wrong), names=sorted(ask.node.connections.names()),
    )  # fmt: skip
