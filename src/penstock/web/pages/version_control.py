"""Version control of a project: its branches, and the repositories elsewhere that it is shared through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.errors import PenstockError
from penstock.core.version_control import ORIGIN, VersionStanding
from penstock.runtime import version_control
from penstock.web import advice
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()


@routes.get("/projects/{project}/git", Permission.READ)
def show(ask: Ask) -> Response:
    return _page(ask)


@routes.post("/projects/{project}/git/add", Permission.ADMIN)
def add(ask: Ask) -> Response:
    """A repository elsewhere."""

    def work() -> str:
        words = {name: ask.word(name) for name in ("user", "secret")}
        name = ask.word("name") or ORIGIN
        version_control.add_remote(
            ask.node, ask.project, ask.word("address"), name=name, by=ask.me.login, **words
        )
        return f"{name} was added. Fetch it to see how far it is from here."

    return _done(ask, work)


@routes.post("/projects/{project}/git/forget", Permission.ADMIN)
def forget(ask: Ask) -> Response:
    """Forget a repository elsewhere."""

    def work() -> str:
        version_control.remove_remote(ask.node, ask.project, ask.word("remote"), by=ask.me.login)
        return f"{ask.word('remote')} is forgotten."

    return _done(ask, work)


@routes.post("/projects/{project}/git/fetch", Permission.WRITE)
def fetch(ask: Ask) -> Response:
    """Ask what is there."""
    return _done(ask, lambda: _far(ask, version_control.fetch(**_remote(ask))))


@routes.post("/projects/{project}/git/push", Permission.WRITE)
def push(ask: Ask) -> Response:
    """Bring ours there."""
    return _done(ask, lambda: _far(ask, version_control.push(**_remote(ask))))


@routes.post("/projects/{project}/git/pull", Permission.WRITE)
def pull(ask: Ask) -> Response:
    """Bring theirs here."""
    return _done(ask, lambda: _far(ask, version_control.pull(**_remote(ask))))


@routes.post("/projects/{project}/git/drop", Permission.WRITE)
def drop(ask: Ask) -> Response:
    """Drop what is only here."""

    def work() -> str:
        found = version_control.drop(ask.node, ask.project, name=ask.word("remote"), by=ask.me.login)
        return f"Every file is as at {found.commit[:10]}. Data stayed as it is."

    return _done(ask, work)


@routes.post("/projects/{project}/git/branch", Permission.WRITE)
def branch(ask: Ask) -> Response:
    """A new branch, and go there."""

    name, by = ask.word("branch"), ask.me.login
    try:
        version_control.create_branch(ask.node, ask.project, name, start=ask.word("start"), by=by)
    except PenstockError as wrong:
        return _page(ask, wrong)
    try:
        version_control.switch(ask.node, ask.project, name, by=by)
    except PenstockError as wrong:
        return _page(ask, wrong, title=f"Branch {name} is there, but the project is not on it yet")
    return ask.to(ask.url("git"), f"The project is on the new branch {name}.")


@routes.post("/projects/{project}/git/switch", Permission.WRITE)
def switch(ask: Ask) -> Response:
    """Let the definitions be those of another branch."""

    def work() -> str:
        version_control.switch(ask.node, ask.project, ask.word("branch"), by=ask.me.login)
        return f"The project is on branch {ask.word('branch')}. Data stayed as it is."

    return _done(ask, work)


def _remote(ask: Ask) -> dict[str, Any]:
    return {
        "node": ask.node,
        "project": ask.project,
        "name": ask.word("remote") or ORIGIN,
        "by": ask.me.login,
    }


def _far(ask: Ask, found: VersionStanding) -> str:
    one = next(r for r in found.remotes if r.remote.name == (ask.word("remote") or ORIGIN))
    return one.told(found.branch)


def _done(ask: Ask, work: Callable[[], str]) -> Response:
    """Do it and say so; what keeps it from being done stands above the page."""
    try:
        told = work()
    except PenstockError as wrong:
        return _page(ask, wrong)
    return ask.to(ask.url("git"), told)


def _page(ask: Ask, wrong: PenstockError | None = None, title: str = "Nothing was changed") -> Response:
    return ask.page(
        "history/git.html", status=wrong.http_status if wrong else 200, wrong=advice.told(wrong) if wrong else "",
        title=title,
        standing=version_control.show(ask.node, ask.project), secrets=ask.node.secrets.names(),
        may_add=ask.edits("admin") and ask.may("manage connections"),
    )  # fmt: skip
