"""Comparisons: versions and evaluations side by side, against a champion; those kept under a name.

What is compared stands in the address. A saved comparison opens with its items; what is added or taken out then is a
change that waits for Save.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.errors import Invalid
from penstock.drawing.charts import comparing as charts
from penstock.runtime import comparing
from penstock.runtime.comparing import OpenedComparison
from penstock.web import advice
from penstock.web.asking import Ask
from penstock.web.pages import _screens
from penstock.web.routes import Routes

routes = Routes()
ALL = "/projects/{project}/comparisons"
ONE = ALL + "/{comparison}"
SECTIONS = {
    "metrics": "Metrics",
    "information": "About",
    "parameters": "How it was measured",
    "labels": "Labels",
}


@routes.get(ALL, Permission.READ)
def listing(ask: Ask) -> Response:
    """Those kept under a name, and what a new one can be made of."""
    return ask.page(
        "comparisons/list.html", saved=comparing.listing(ask.node, ask.project),
        offers=comparing.offers(ask.node, ask.project), glances=comparing.glances(ask.node, ask.project),
        thumbnail=charts.thumbnail,
    )  # fmt: skip


@routes.get("/projects/{project}/compare", Permission.READ)
def show(ask: Ask) -> Response:
    """The items of the address; nothing chosen is where one begins. `of` names the saved one that is being changed."""
    items, hidden = _ids(ask, "items"), _ids(ask, "hidden")
    of = comparing.opened(ask.node, ask.project, ask.word("of")) if ask.word("of") else None
    if not [*items, *ask.words("add")]:
        response: Response = listing(ask)
        return response
    return _shown(ask, items, ask.word("champion"), of, hidden)


@routes.get(ONE, Permission.READ)
def saved(ask: Ask, comparison: str) -> Response:
    """A saved comparison with its values now."""
    of = comparing.opened(ask.node, ask.project, comparison)
    return _shown(ask, list(of.items), of.champion, of, list(of.hidden))


@routes.post(ALL, Permission.WRITE)
def create(ask: Ask) -> Response:
    """Keep what is shown under a title."""
    title, items = ask.word("title"), ask.word("items").split(",")
    if not title:
        raise Invalid("A comparison needs a title.", hint="Such as `Retrained against the first`.")
    made = comparing.create(
        ask.node, ask.project, title, items, champion=ask.word("champion"), author=ask.me.login
    )
    return ask.to(ask.url("comparisons", made), "Saved: it opens again under Comparisons.")


@routes.post(ONE, Permission.WRITE)
def save(ask: Ask, comparison: str) -> Response:
    """Save what is shown and what is hidden, or the words about it; what is gone is left out."""
    of = comparing.opened(ask.node, ask.project, comparison)
    changes: dict[str, Any] = {}
    if ask.word("items"):
        hidden = [i for i in _ids(ask, "hidden") if i not in _ids(ask, "items")]
        changes = {
            "items": [*_ids(ask, "items"), *hidden], "champion": ask.word("champion"), "hidden": hidden,
        }  # fmt: skip
    if "title" in ask.form:
        changes |= {"title": ask.word("title"), "short_description": ask.word("short_description")}
    comparing.save(
        ask.node, ask.project, comparison, {**of.saved.to_mapping(), **changes}, author=ask.me.login,
        base=ask.word("base"),
    )  # fmt: skip
    return ask.to(ask.url("comparisons", comparison), "Saved.")


@routes.post(ONE + "/delete", Permission.WRITE)
def delete(ask: Ask, comparison: str) -> Response:
    comparing.delete(ask.node, ask.project, comparison, author=ask.me.login)
    return ask.to(ask.url("comparisons"), "Deleted; what it compared stays. History brings it back.")


def _ids(ask: Ask, name: str) -> list[str]:
    return [i for text in ask.words(name) for i in text.split(",") if i]


def _shown(
    ask: Ask, items: list[str], champion: str, of: OpenedComparison | None, hidden: Sequence[str] = ()
) -> Response:  # fmt: skip
    """Items side by side. What does not fit is said, and the rest stays."""
    added, wrong = ask.words("add"), ""
    chosen = list(dict.fromkeys([*items, *added]))
    try:
        report = comparing.report(ask.node, ask.project, chosen, champion)
    except Invalid as refused:
        if not items or not added:
            return ask.page("comparisons/refused.html", status=422, wrong=refused, items=chosen)
        wrong, chosen = advice.told(refused), items
        report = comparing.report(ask.node, ask.project, items, champion)
    return ask.page(
        "comparisons/show.html", status=422 if wrong else 200, report=report, items=chosen, wrong=wrong, of=of,
        sections=SECTIONS, charts=_charts(report), bars=charts.metrics(report.comparison), titles=_screens.TITLES,
        swatches=charts.swatches(report.comparison), hidden=[i for i in hidden if i not in chosen],
        hidden_names=comparing.called(ask.node, ask.project, hidden),
        differs=_differs(report, of, hidden),
    )  # fmt: skip


def _differs(report: comparing.Report, of: OpenedComparison | None, hidden: Sequence[str]) -> bool:
    """Whether what is shown is not what was saved."""
    shown = tuple(item.id for item in report.comparison.items)
    now = (shown, report.comparison.champion, set(hidden))
    return of is not None and now != (of.items, of.champion, set(of.hidden))


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
