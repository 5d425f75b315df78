"""Scenarios: what happens by itself; switch it on and off, run it, see what it did."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.errors import Conflict, Invalid
from penstock.core.names import name_of_title
from penstock.runtime import projects, scenario_reports, scenarios
from penstock.web import forms
from penstock.web.asking import Ask
from penstock.web.posted import scalar
from penstock.web.routes import Routes

routes = Routes()
PAGE = 50


@routes.get("/projects/{project}/scenarios", Permission.SEE_SCENARIOS)
def listing(ask: Ask) -> Response:
    tag = ask.word("tag")
    rows = scenario_reports.rows(ask.node, ask.project)
    tags = sorted({one for row in rows for one in row.tags})
    shown = [row for row in rows if not tag or tag in row.tags]
    return ask.page("scenarios/list.html", rows=shown, tags=tags, tag=tag, all=len(rows))


@routes.get("/projects/{project}/scenarios/new", Permission.WRITE)
def new(ask: Ask) -> Response:
    return ask.page("scenarios/new.html", name="", kind=ask.word("kind", "steps"), wrong="", name_wrong="")


@routes.post("/projects/{project}/scenarios/new", Permission.WRITE)
def create(ask: Ask) -> Response:
    title, kind = ask.word("title"), ask.word("kind", "steps")
    name = ask.word("name") or name_of_title(title)
    values: dict[str, Any] = {"kind": kind} if kind == "python" else {}
    try:
        if name in projects.show(ask.node, ask.project).scenarios:
            raise Conflict(f"There is a scenario '{name}' already.", hint="Choose another name.")
        given = {"title": title} if title else {}
        scenarios.save(ask.node, ask.project, name, {**values, **given}, author=ask.me.login)
    except (Invalid, Conflict) as wrong:
        return ask.page("scenarios/new.html", status=422, name=name, kind=kind, **forms.apart(wrong))
    return ask.to(ask.url("scenarios", name), "Created. Say what it does, then run it.")


@routes.post("/projects/{project}/scenarios/{scenario}/switch", Permission.WRITE)
def switch(ask: Ask, scenario: str) -> Response:
    """Turn it on or off; with htmx its row of the list comes back."""
    active = ask.word("active") == "yes"
    scenarios.switch(ask.node, ask.project, scenario, active, author=ask.me.login)
    said = "on: its triggers may start it." if active else "off: nothing starts it but people."
    if not ask.is_fragment:
        return ask.back(f"{scenario} is {said}")
    ask.flash(f"{scenario} is {said}")
    row = scenario_reports.row(ask.node, ask.project, scenario)
    return ask.fragment("scenarios/_row.html", row=row)


@routes.post("/projects/{project}/scenarios/{scenario}/run", Permission.RUN)
def run(ask: Ask, scenario: str) -> Response:
    params = _params(ask.word("params"))
    started = scenarios.start(ask.node, ask.project, scenario, by=ask.me.login, params=params)
    return ask.to(ask.url("scenarios", scenario, "runs", started.id))


@routes.post("/projects/{project}/scenarios/{scenario}/abort", Permission.RUN)
def abort(ask: Ask, scenario: str) -> Response:
    stopped = scenarios.abort_current(ask.node, ask.project, scenario)
    return ask.back("Asked it to stop." if stopped else "It was not running.", "info")


@routes.post("/projects/{project}/scenarios/{scenario}/copy", Permission.WRITE)
def copy(ask: Ask, scenario: str) -> Response:
    """The same under another name, switched off; whoever copies it is its author."""
    found = scenarios.definition(ask.node, ask.project, scenario)
    known = projects.show(ask.node, ask.project).scenarios
    name = next(n for i in range(1, 1000) if (n := f"{scenario}_copy{i if i > 1 else ''}") not in known)
    made = found.changed(active=False, run_as="", title=f"{found.title or scenario} (copy)")
    scenarios.save(ask.node, ask.project, name, made, author=ask.me.login)
    return ask.to(ask.url("scenarios", name), "Copied, switched off.")


@routes.post("/projects/{project}/scenarios/{scenario}/delete", Permission.WRITE)
def delete(ask: Ask, scenario: str) -> Response:
    projects.remove(ask.node, ask.project, "scenario", scenario, author=ask.me.login)
    return ask.to(ask.url("scenarios"), f"{scenario} is gone; its runs stay. History brings it back.")


def _params(text: str) -> dict[str, Any]:
    """`month=2013-12`, one a line. Raises Invalid for a line that is not so."""
    pairs = [line.partition("=") for line in text.splitlines() if line.strip()]
    for name, sign, _ in pairs:
        if not sign or not name.strip().isidentifier():
            raise Invalid(f"Parameter '{name}': write NAME=VALUE, one a line.")
    return {name.strip(): scalar(value.strip()) for name, _, value in pairs}
