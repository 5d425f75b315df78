"""Comparisons: versions and evaluations side by side, against a champion. The address is the comparison."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.errors import Invalid
from penstock.drawing.charts import comparing as charts
from penstock.runtime import comparing
from penstock.web.asking import Ask
from penstock.web.pages import _screens
from penstock.web.routes import Routes

routes = Routes()
SECTIONS = {
    "metrics": "Metrics",
    "information": "About",
    "parameters": "How it was measured",
    "labels": "Labels",
}


@routes.get("/projects/{project}/compare", Permission.READ)
def show(ask: Ask) -> Response:
    """The items of the address; nothing chosen is where one begins. What does not fit is said, and the rest stays."""
    items = [i for text in ask.words("items") for i in text.split(",") if i]
    added, wrong = ask.words("add"), ""
    chosen = list(dict.fromkeys([*items, *added]))
    if not chosen:
        return ask.page("comparisons/begin.html", offers=comparing.offers(ask.node, ask.project))
    try:
        report = comparing.report(ask.node, ask.project, chosen, ask.word("champion"))
    except Invalid as refused:
        if not items or not added:
            return ask.page("comparisons/refused.html", status=422, wrong=refused, items=chosen)
        wrong, chosen = str(refused), items
        report = comparing.report(ask.node, ask.project, items, ask.word("champion"))
    return ask.page(
        "comparisons/show.html", status=422 if wrong else 200, report=report, items=chosen, wrong=wrong,
        sections=SECTIONS, charts=_charts(report), bars=charts.metrics(report.comparison), titles=_screens.TITLES,
    )  # fmt: skip


def _charts(report: comparing.Report) -> list[tuple[str, Any]]:
    """Every curve of every item, over each other."""
    found = []
    for screen in report.screens:
        if screen in ("decision", "density"):
            continue
        for title, spec in _screens.drawn(screen, report.curves):
            found.append((title or _screens.TITLES[screen][0], spec))
    if report.importances:
        found.append(("Feature importance", charts.importances(report.importances)))
    return found
