"""Jobs: what was built, what is being built, why, and what came of it."""

from __future__ import annotations

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.job import JobState
from penstock.drawing import flow as drawing
from penstock.runtime import job_reports, jobs, logs
from penstock.web import live
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()
PAGE = 50


@routes.get("/jobs", Permission.SIGNED_IN)
def everywhere(ask: Ask) -> Response:
    return _list(ask)


@routes.get("/projects/{project}/jobs", Permission.READ)
def listing(ask: Ask) -> Response:
    return _list(ask)


@routes.get("/projects/{project}/jobs/{job}", Permission.READ)
def show(ask: Ask, job: str) -> Response:
    report = job_reports.report(ask.node, ask.project, job)
    return ask.page("jobs/job.html", report=report, picture=_picture(ask, report))


@routes.get("/projects/{project}/jobs/{job}/live", Permission.READ)
def live_job(ask: Ask, job: str) -> Response:
    def now() -> live.Shown:
        report = job_reports.report(ask.node, ask.project, job)
        parts = {
            "job-state": ask.html("jobs/_state.html", report=report),
            "job-picture": ask.html("jobs/_picture.html", report=report, picture=_picture(ask, report)),
            "job-activities": ask.html("jobs/_activities.html", report=report),
        }
        return live.Shown(parts, reload=report.job.state.final)

    return live.stream(ask, now)


@routes.get("/projects/{project}/jobs/{job}/log", Permission.READ)
def log(ask: Ask, job: str) -> Response:
    recipe = ask.word("activity")
    return ask.download(
        logs.read(ask.node, job, recipe), f"{job}{'-' * bool(recipe)}{recipe}.log", "text/plain"
    )


@routes.get("/projects/{project}/jobs/{job}/log/live", Permission.READ)
def live_log(ask: Ask, job: str) -> Response:
    recipe = ask.word("activity")

    def piece(start: int) -> live.Piece:
        ended = jobs.show(ask.node, job).state.final
        text = "".join(logs.pieces(ask.node, job, recipe, start=start))
        return live.Piece(text, start + len(text.encode()), ended)

    return live.tail(ask, piece)


@routes.post("/projects/{project}/jobs/{job}/abort", Permission.WRITE)
def abort(ask: Ask, job: str) -> Response:
    if jobs.abort(ask.node, job):
        return ask.back("Asked the job to stop. What is finished stays.", "info")
    return ask.back("The job had ended already.", "info")


@routes.post("/projects/{project}/jobs/{job}/again", Permission.WRITE)
def again(ask: Ask, job: str) -> Response:
    started = jobs.start_again(ask.node, job, initiator=ask.me.login)
    return ask.to(ask.url("jobs", started.job.id))


def _list(ask: Ask) -> Response:
    offset, state = ask.number("offset"), ask.word("state")
    found = jobs.history(ask.node, ask.project, state=state, limit=PAGE + 1, offset=offset)
    return ask.page(
        "jobs/list.html", jobs=found[:PAGE], more=len(found) > PAGE, offset=offset, page=PAGE, state=state,
        states=[s.value for s in JobState if s is not JobState.WAITING_CONFIRMATION],
    )  # fmt: skip


def _picture(ask: Ask, report: job_reports.Report) -> str:
    """The activities of the job as a graph; empty when one line says as much."""
    if report.picture is None or len(report.activities) < 2:
        return ""
    links = {f"recipe:{a.recipe}": ask.url("recipes", a.recipe) for a in report.activities}
    return drawing.svg(report.picture, drawing.Looks(links=links, alone=False))
