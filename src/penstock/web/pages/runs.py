"""Runs of scenarios: which there were, and one of them step by step, live."""

from __future__ import annotations

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.runtime import last_runs, run_log, scenario_reports, scenarios
from penstock.web import live
from penstock.web.asking import Ask
from penstock.web.routes import Routes

routes = Routes()
PAGE = 50
SCENARIO = "/projects/{project}/scenarios/{scenario}"
RUN = SCENARIO + "/runs/{run}"


@routes.get("/projects/{project}/runs", Permission.SEE_SCENARIOS)
def everywhere(ask: Ask) -> Response:
    """The runs of the whole project: by scenario and day, and as a list."""
    days = ask.number("days", 14, least=7, most=28)
    calendar = scenario_reports.calendar(ask.node, ask.project, days=days)
    offset = ask.number("offset")
    found = scenarios.history(ask.node, ask.project, limit=PAGE + 1, offset=offset)
    return ask.page(
        "runs/list.html", calendar=calendar, days=days, runs=found[:PAGE], more=len(found) > PAGE, offset=offset,
        page=PAGE,
    )  # fmt: skip


@routes.get("/projects/{project}/runs/{run}", Permission.SEE_SCENARIOS)
def find(ask: Ask, run: str) -> Response:
    """A run by its id alone: where jobs and messages send people."""
    found = last_runs.find(ask.node, ask.project, run)
    return ask.to(ask.url("scenarios", found.scenario, "runs", found.id))


@routes.get(SCENARIO + "/runs", Permission.SEE_SCENARIOS)
def listing(ask: Ask, scenario: str) -> Response:
    offset = ask.number("offset")
    row = scenario_reports.row(ask.node, ask.project, scenario)
    found = scenarios.history(ask.node, ask.project, scenario, limit=PAGE + 1, offset=offset)
    return ask.page(
        "scenarios/runs.html", listed=row.listed, runs=found[:PAGE], more=len(found) > PAGE, offset=offset, page=PAGE,
    )  # fmt: skip


@routes.get(RUN, Permission.SEE_SCENARIOS)
def show(ask: Ask, scenario: str, run: str) -> Response:
    report = scenario_reports.run(ask.node, ask.project, scenario, run)
    return ask.page("runs/run.html", report=report, step=ask.word("step"))


@routes.get(RUN + "/live", Permission.SEE_SCENARIOS)
def live_run(ask: Ask, scenario: str, run: str) -> Response:
    def now() -> live.Shown:
        report = scenario_reports.run(ask.node, ask.project, scenario, run)
        parts = {
            name: ask.html(f"runs/_{name}.html", report=report) for name in ("state", "steps", "reports")
        }
        shown = {f"run-{name}": html for name, html in parts.items()}
        return live.Shown(shown, reload=report.run.state.final)

    return live.stream(ask, now)


@routes.get(RUN + "/log", Permission.SEE_SCENARIOS)
def log(ask: Ask, scenario: str, run: str) -> Response:
    step = ask.word("step")
    name = f"{scenario}-{run}{'-' * bool(step)}{step}.log"
    return ask.download(scenarios.log(ask.node, run, step), name, "text/plain")


@routes.get(RUN + "/log/live", Permission.SEE_SCENARIOS)
def live_log(ask: Ask, scenario: str, run: str) -> Response:
    step = ask.word("step")

    def piece(start: int) -> live.Piece:
        ended = scenarios.show(ask.node, run).state.final
        text = "".join(run_log.pieces(ask.node, run, step, start=start))
        return live.Piece(text, start + len(text.encode()), ended)

    return live.tail(ask, piece)


@routes.post(RUN + "/abort", Permission.RUN)
def abort(ask: Ask, scenario: str, run: str) -> Response:
    if scenarios.abort(ask.node, run):
        return ask.back("Asked the run to stop. Steps that always run clean up first.", "info")
    return ask.back("The run had ended already.", "info")
