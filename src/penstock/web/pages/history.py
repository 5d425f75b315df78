"""History of a project: saves with what they changed, edits by hand that wait, problems, the way back."""

from __future__ import annotations

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.runtime import projects
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()
PAGE = 50


@routes.get("/projects/{project}/history", Permission.READ)
def history(ask: Ask) -> Response:
    file, offset = ask.word("file"), ask.number("offset")
    revisions = projects.history(ask.node, ask.project, file)
    return ask.page(
        "history/history.html", revisions=revisions[offset : offset + PAGE], total=len(revisions), page=PAGE,
        offset=offset, file=file, pending=projects.pending(ask.node, ask.project),
    )  # fmt: skip


@routes.get("/projects/{project}/history/pending", Permission.READ)
def pending(ask: Ask) -> Response:
    found = projects.diff(ask.node, ask.project, "HEAD")
    return ask.page("history/pending.html", files=projects.pending(ask.node, ask.project), diff=found)


@routes.post("/projects/{project}/history/pending", Permission.WRITE)
def keep(ask: Ask) -> Response:
    saved = projects.keep(ask.node, ask.project, ask.word("message") or "Edited by hand", author=ask.me.login)
    return ask.to(ask.url("history"), f"Saved as {saved[:10]}." if saved else "There was nothing to save.")


@routes.get("/projects/{project}/history/{commit}", Permission.READ)
def revision(ask: Ask, commit: str) -> Response:
    found = projects.revision(ask.node, ask.project, commit)
    return ask.page("history/revision.html", revision=found.revision, diff=found.diff, since=found.since)


@routes.post("/projects/{project}/history/{commit}/revert", Permission.WRITE)
def revert(ask: Ask, commit: str) -> Response:
    file = ask.word("file")
    made = projects.revert(ask.node, ask.project, commit, author=ask.me.login, file=file)
    what = file or "The project"
    if not made:
        return ask.back(f"{what} is as it was at {commit[:10]} already.", "info")
    return ask.to(
        ask.url("history"), f"{what} is back at {commit[:10]}, saved as {made[:10]}. Data stayed as it is."
    )


@routes.get("/projects/{project}/problems", Permission.READ)
def problems(ask: Ask) -> Response:
    return ask.page("history/problems.html", problems=projects.validate(ask.node, ask.project))
