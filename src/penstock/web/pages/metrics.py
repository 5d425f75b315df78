"""Metrics and checks of any object, one page for datasets, folders, models and evaluation stores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from starlette.responses import Response

from penstock.core import check as words
from penstock.core import registry
from penstock.core.access import Permission
from penstock.core.errors import Invalid, InvalidDefinition, SaveConflict
from penstock.core.metric import label
from penstock.drawing.charts import histories
from penstock.runtime import checks, metric_reports, metrics, projects
from penstock.web import advice, forms
from penstock.web.asking import Ask
from penstock.web.routes import Page, Routes

routes = Routes()
FOLDERS = {"datasets": "dataset", "folders": "folder", "models": "model", "evaluations": "evaluation_store"}
FAMILIES = ("probes", "checks", "rules")


def _each(method: str, rest: str, permission: Permission) -> Callable[[Page], Page]:
    """The same page for every sort of object that has metrics."""
    add = routes.get if method == "get" else routes.post

    def keep(page: Page) -> Page:
        for folder in FOLDERS:
            add(f"/projects/{{project}}/{folder}/{{item}}/metrics{rest}", permission)(page)
        return page

    return keep


@_each("get", "", Permission.READ)
def show(ask: Ask, item: str) -> Response:
    report = metric_reports.report(ask.node, ask.project, item)
    charts = [(c, histories.spec(c, size=("container", 180))) for c in report.courses]
    return ask.page(
        "metrics/metrics.html", **_about(ask, item), report=report, charts=charts, saved=_base(ask, item),
        item=projects.show(ask.node, ask.project).item(item),
    )  # fmt: skip


@_each("post", "/compute", Permission.WRITE)
def compute(ask: Ask, item: str) -> Response:
    done = metrics.compute(ask.node, ask.project, item, probes=ask.words("probe") or None)
    for skipped in done.skipped[:3]:
        ask.flash(f"{skipped.metric_id}: {skipped.reason}", "warning")
    return ask.back(f"{len(done.computed)} values computed.")


@_each("post", "/run", Permission.WRITE)
def run(ask: Ask, item: str) -> Response:
    results = checks.run(ask.node, ask.project, item, checks=ask.words("check") or None)
    worst = metric_reports.worst(results)
    level = {"OK": "success", "WARNING": "warning", "ERROR": "error"}.get(worst, "info")
    return ask.back(f"{len(results)} checked: {worst or 'nothing to judge'}.", level)  # type: ignore[arg-type]


@_each("post", "/display", Permission.WRITE)
def display(ask: Ask, item: str) -> Response:
    chosen = ask.words("metric")
    metrics.display(ask.node, ask.project, item, chosen, author=ask.me.login, base=ask.word("base"))
    return ask.to(_home(ask, item), "These metrics are shown first.")


@_each("post", "/dataset", Permission.WRITE)
def make_dataset(ask: Ask, item: str) -> Response:
    content: Literal["metrics", "checks"] = "checks" if ask.word("content") == "checks" else "metrics"
    made = metrics.create_metrics_dataset(
        ask.node, ask.project, item, content, author=ask.me.login, name=ask.word("name"),
        scope="project" if ask.word("scope") == "project" else "object", last_only=bool(ask.word("last_only")),
    )  # fmt: skip
    return ask.to(ask.url("datasets", made), f"{made} is there; it always shows the current values.")


@_each("get", "/history", Permission.READ)
def history(ask: Ask, item: str) -> Response:
    """Every value of one metric, or everything one check said."""
    id, name = ask.word("metric"), ask.word("check")
    report = metric_reports.course(ask.node, ask.project, item, id) if id else None
    return ask.page(
        "metrics/history.html", **_about(ask, item), metric=id, check=name, title=label(id) if id else name,
        values=metrics.history(ask.node, ask.project, item, id) if id else [],
        results=checks.history(ask.node, ask.project, item, name) if not id else [],
        chart=histories.spec(report, size=("container", 320)) if report else None,
    )  # fmt: skip


@_each("get", "/new", Permission.WRITE)
def new(ask: Ask, item: str) -> Response:
    """The form of a new probe, check or rule; `metric` fills in a first check of it."""
    family, metric = _family(ask), ask.word("metric")
    values = words.suggested(metric) if metric and family == "checks" else {"type": ask.word("type")}
    return _editor(ask, item, family, "", values if values.get("type") else {})


@_each("get", "/edit", Permission.READ)
def edit(ask: Ask, item: str) -> Response:
    family, key = _family(ask), ask.word("key")
    found = metric_reports.demanded(ask.node, ask.project, item, family, key)
    return _editor(ask, item, family, key, found.to_mapping())


@_each("post", "/try", Permission.READ)
def try_(ask: Ask, item: str) -> Response:
    """What it would say now. Nothing is saved, nothing is kept."""
    family, values = _family(ask), forms.read_kind(_family(ask), ask.form)
    try:
        tried = metric_reports.tried(ask.node, ask.project, item, family, values)
    except Invalid as wrong:
        return ask.fragment("metrics/_tried.html", wrong=advice.told(wrong))
    return ask.fragment("metrics/_tried.html", tried=tried)


@_each("post", "/save", Permission.WRITE)
def save(ask: Ask, item: str) -> Response:
    family, key, values = _family(ask), ask.word("key"), forms.read_kind(_family(ask), ask.form)
    try:
        odd = metric_reports.put(
            ask.node, ask.project, item, family, key, values, author=ask.me.login, base=ask.word("base")
        )
    except (InvalidDefinition, SaveConflict) as refused:
        return _editor(ask, item, family, key, values, refused)
    return ask.to(_home(ask, item), f"Saved. {odd}".strip(), "warning" if odd else "success")


@_each("post", "/remove", Permission.WRITE)
def remove(ask: Ask, item: str) -> Response:
    metric_reports.take_out(ask.node, ask.project, item, _family(ask), ask.word("key"), author=ask.me.login)
    return ask.to(_home(ask, item), "Removed; what it said before stays in the history.")


def _family(ask: Ask) -> str:
    family = ask.word("family", "checks")
    if family not in FAMILIES:
        raise Invalid(f"'{family}' is none of {', '.join(FAMILIES)}.")
    return family


def _home(ask: Ask, item: str) -> str:
    return ask.url(_folder(ask), item, "metrics")


def _folder(ask: Ask) -> str:
    """The word of the address that says what the object is: `/projects/KEY/datasets/…`."""
    return ask.path.split("/")[3]


def _about(ask: Ask, item: str) -> dict[str, Any]:
    return {"folder": _folder(ask), "name": item, "what": FOLDERS[_folder(ask)]}


def _base(ask: Ask, item: str) -> str:
    return projects.base(ask.node, ask.project, FOLDERS[_folder(ask)], item)


def _editor(
    ask: Ask, item: str, family: str, key: str, values: Mapping[str, Any],
    refused: InvalidDefinition | SaveConflict | None = None,
) -> Response:  # fmt: skip
    wrong, conflict = forms.told(refused)
    fields = forms.draw_kind(ask, family, values, wrong=wrong, item=item, label="Kind")
    return ask.page(
        "metrics/editor.html", status=forms.status(refused), **_about(ask, item), family=family, key=key,
        fields=fields, saved=_base(ask, item), conflict=conflict, kinds=list(registry.names(family)),
    )  # fmt: skip
