"""Evaluation stores: how models went over time, one evaluation with its screens, and its drift."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.drift import ColumnHandling, DriftSettings
from penstock.core.drift_report import GlobalDrift
from penstock.core.errors import Invalid, InvalidDefinition, SaveConflict
from penstock.core.job import BuildMode
from penstock.core.outcome import Verdict
from penstock.drawing.charts import drift as drift_charts
from penstock.drawing.charts import evaluations as charts
from penstock.drawing.charts import theme
from penstock.drawing.charts.histories import sparkline
from penstock.runtime import (
    deleting,
    drift,
    estimated,
    evaluation_reports,
    evaluations,
    jobs,
    metrics,
    projects,
    store_reports,
)
from penstock.runtime.store_reports import Asked, Charted
from penstock.web import forms
from penstock.web.asking import Ask
from penstock.web.pages import _forecast, _screens
from penstock.web.pages._screens import Group
from penstock.web.routes import Routes

routes = Routes()
PAGE = 50
STORE = "/projects/{project}/evaluations/{store}"
ONE = STORE + "/{evaluation}"
TELLS_ALONE = 0.95
"""A global score from here on is rarely drift alone."""
DRIFT = ("input-drift", "prediction-drift", "performance-drift")
MEASURED = ("probes", "checks", "displayed_metrics")
"""What the page of metrics and checks edits."""
MODEL = ("importance", "features", "algorithm", "training")


# stores ---------------------------------------------------------------------------------------------------------------


@routes.get("/projects/{project}/evaluations", Permission.READ)
def listing(ask: Ask) -> Response:
    found = store_reports.everything(ask.node, ask.project)
    return ask.page("evaluations/list.html", stores=found, sparkline=sparkline)


@routes.post("/projects/{project}/evaluations/new", Permission.WRITE)
def create(ask: Ask) -> Response:
    name = ask.word("store_name")
    if not name or name == "new":
        raise Invalid("An evaluation store needs a name.", hint="Such as `mes_for_input_drift`.")
    projects.define(ask.node, ask.project, "evaluation_store", name, {}, author=ask.me.login)
    return ask.to(ask.url("evaluations", name), "Created. An Evaluate recipe fills it.")


@routes.get(STORE, Permission.READ)
def store(ask: Ask, store: str) -> Response:
    report = store_reports.report(ask.node, ask.project, store, _asked(ask))
    drawn = [(c, _chart(c)) for c in report.charted]
    saved = projects.base(ask.node, ask.project, "evaluation_store", store)
    return ask.page(
        "evaluations/store.html", report=report, charts=drawn, asked=_asked(ask), page=PAGE, saved=saved
    )


@routes.post(STORE + "/show", Permission.WRITE)
def show_metrics(ask: Ask, store: str) -> Response:
    """Choose the metrics that are drawn; kept with the store, for everybody."""
    metrics.display(
        ask.node, ask.project, store, ask.words("metrics"), author=ask.me.login, base=ask.word("base")
    )
    return ask.to(ask.url("evaluations", store), "Saved: these metrics are shown from now on.")


@routes.post(STORE + "/remove", Permission.WRITE)
def remove(ask: Ask, store: str) -> Response:
    """Remove the chosen evaluations, or compare them: the button says which."""
    ids = ask.words("ids")
    if ask.word("what") == "compare":
        return ask.to(ask.url("compare", items=",".join(f"{store}/{id}" for id in ids)))
    gone = evaluations.delete(ask.node, ask.project, store, ids)
    return ask.to(ask.url("evaluations", store), f"Removed {gone} evaluation{'s' * (gone != 1)}.")


@routes.post(STORE + "/build", Permission.WRITE)
def build(ask: Ask, store: str) -> Response:
    mode = BuildMode.parse(ask.word("mode", BuildMode.ONLY_THIS))
    started = jobs.start(ask.node, ask.project, [store], mode, initiator=ask.me.login)
    return ask.to(ask.url("jobs", started.job.id))


@routes.get(STORE + "/settings", Permission.READ)
def settings(ask: Ask, store: str) -> Response:
    return _settings(ask, store)


@routes.post(STORE + "/settings", Permission.WRITE)
def save(ask: Ask, store: str) -> Response:
    shown = projects.show(ask.node, ask.project).evaluation_store(store)
    values = forms.read(type(shown), ask.form, keep=shown)
    try:
        projects.define(
            ask.node,
            ask.project,
            "evaluation_store",
            store,
            values,
            author=ask.me.login,
            base=ask.word("base"),
        )
    except (InvalidDefinition, SaveConflict) as refused:
        return _settings(ask, store, values, refused)
    return ask.to(ask.url("evaluations", store, "settings"), "Saved.")


@routes.post(STORE + "/delete", Permission.WRITE)
def delete_store(ask: Ask, store: str) -> Response:
    gone = deleting.delete(ask.node, ask.project, [store], author=ask.me.login)
    with_it = f", with recipe {', '.join(gone.recipes)}" if gone.recipes else ""
    return ask.to(ask.url("evaluations"), f"{store} is gone{with_it}. History brings the definitions back.")


def _settings(
    ask: Ask, store: str, values: Mapping[str, Any] | None = None,
    refused: InvalidDefinition | SaveConflict | None = None,
) -> Response:  # fmt: skip
    """The settings as they are in the form."""
    base = projects.base(ask.node, ask.project, "evaluation_store", store)
    shown = projects.show(ask.node, ask.project).evaluation_store(store)
    wrong, conflict = forms.told(refused)
    said = forms.values_of(shown) if values is None else values
    return ask.page(
        "evaluations/settings.html", status=forms.status(refused), name=store, shown=shown, base=base,
        conflict=conflict, fields=forms.draw(ask, type(shown), said, wrong=wrong, without=MEASURED),
    )  # fmt: skip


# one evaluation -------------------------------------------------------------------------------------------------------


@routes.get(ONE, Permission.READ)
def summary(ask: Ask, store: str, evaluation: str) -> Response:
    return _screen(ask, store, evaluation, "summary")


@routes.get(ONE + "/{screen}", Permission.READ)
def screen(ask: Ask, store: str, evaluation: str, screen: str) -> Response:
    return _screen(ask, store, evaluation, screen)


def _screen(ask: Ask, store: str, evaluation: str, screen: str) -> Response:
    report = evaluation_reports.report(ask.node, ask.project, store, evaluation)
    menu = _menu(report)
    _screens.check(screen, menu, f"evaluation {evaluation}")
    base = ask.url("evaluations", store, evaluation)
    data: dict[str, Any] = {
        "report": report, "menu": menu, "screen": screen, "titles": _screens.TITLES, "base": base,
        "hint": _screens.HINTS.get(screen, ""), "limits": estimated.LIMITS, "of": report.performance, "name": store,
        "cut": _screens.asked_cut(ask, report.performance),
        "charts": _screens.drawn(screen, {report.evaluation.name: report.performance.curves}, report.performance),
    }  # fmt: skip
    if ask.is_fragment and screen == "confusion":
        return ask.fragment("reports/_cut.html", **data)
    data |= _of_forecast(report, screen)
    if screen in DRIFT:
        return ask.page("evaluations/evaluation.html", **data, **_drifted(ask, report, screen))
    if screen == "importance":
        data["importances"] = _screens.importance(report.model.get("importances") or {})
    if screen == "algorithm":
        data["settings"] = list(_screens.flat(report.model.get("hyperparameters") or {}))
    return ask.page("evaluations/evaluation.html", **data)


def _menu(report: evaluation_reports.Report) -> list[Group]:
    """A forecast has no importances, and of drift that of its performance."""
    about = MODEL[1:] if report.forecast else MODEL
    drifts = DRIFT[-1:] if report.forecast else DRIFT
    return _screens.groups(
        report.performance, Group("Drift", drifts), Group("Model", about if report.model else ())
    )


def _of_forecast(report: evaluation_reports.Report, screen: str) -> dict[str, Any]:
    """What the screens of a forecast show that others do not have."""
    on = f"the new rows of {report.evaluation.dataset}"
    if screen == "forecast":
        return _forecast.screen(report.forecast, report.performance.target, on)
    if screen == "series":
        main = report.evaluation.main_metric.partition(":")[2]
        return _forecast.by_series(report.forecast, main, report.series, on=on)
    return {}


@routes.post(ONE + "/name", Permission.WRITE)
def rename(ask: Ask, store: str, evaluation: str) -> Response:
    found = evaluations.show(ask.node, ask.project, store, evaluation)
    ask.check_seen("The name of this evaluation", {"name": found.evaluation.name})
    evaluations.rename(ask.node, ask.project, store, evaluation, ask.word("title"))
    return ask.to(ask.url("evaluations", store, evaluation), "Renamed.")


@routes.post(ONE + "/label", Permission.WRITE)
def label(ask: Ask, store: str, evaluation: str) -> Response:
    """Set a label; an empty value takes it off."""
    key, value = ask.word("key"), ask.word("value")
    if not key:
        raise Invalid("A label needs a key.", hint="Such as `month`, with the value `2013-12`.")
    evaluations.set_label(ask.node, ask.project, store, evaluation, key, value)
    return ask.to(ask.url("evaluations", store, evaluation), "Saved." if value else f"Label {key} is gone.")


@routes.get(ONE + "/sample.parquet", Permission.READ)
def sample(ask: Ask, store: str, evaluation: str) -> Response:
    path = evaluations.export_sample(ask.node, ask.project, store, evaluation)
    return ask.download(path.read_bytes(), f"{store}-{evaluation}.parquet", "application/vnd.apache.parquet")


@routes.post(ONE + "/keep-drift", Permission.WRITE)
def keep_drift(ask: Ask, store: str, evaluation: str) -> Response:
    """How columns were treated here becomes how the recipe treats them, which its checks then see."""
    recipe, wanted = ask.word("recipe"), _handlings(ask.form)
    evaluation_reports.keep_handling(
        ask.node, ask.project, recipe, wanted, author=ask.me.login, base=ask.word("base")
    )
    said = (
        f"Recipe {recipe} does so from its next run on, and the checks of {store} judge what it then finds."
    )
    return ask.to(ask.url("recipes", recipe), f"Saved. {said}")


@routes.post(ONE + "/delete", Permission.WRITE)
def delete(ask: Ask, store: str, evaluation: str) -> Response:
    evaluations.delete(ask.node, ask.project, store, [evaluation])
    return ask.to(ask.url("evaluations", store), "Removed.")


# drift ----------------------------------------------------------------------------------------------------------------


def _drifted(ask: Ask, report: evaluation_reports.Report, screen: str) -> dict[str, Any]:
    """The drift as it was kept, or worked out now under the terms of the address."""
    asked = _terms(ask, report)
    terms = asked if ask.word("compute") else None
    e = report.evaluation
    shown = drift.show(ask.node, ask.project, e.store, e.id, reference=ask.word("reference"), settings=terms)
    found = shown.report
    looked_at = found.univariate.column(ask.word("column")) if found and found.univariate else None
    return {
        "shown": shown,
        "settings": asked,
        "suspects": [c for c in _suspects(found.score if found else None) if asked.column(c).enabled],
        "tried": _tried(asked, report.settings),
        "saved": projects.base(ask.node, ask.project, "recipe", report.writer) if report.writer else "",
        "references": evaluation_reports.references(ask.node, ask.project, e),
        "gauge": drift_charts.score(found.score) if found and found.score else "",
        "scatter": drift_charts.importance(found.risks) if found and found.risks else None,
        "weighed": bool(found and any(r.model is not None for r in found.risks)),
        "pair": drift_charts.pair,
        "column": looked_at,
        "column_chart": drift_charts.column(looked_at.histogram, looked_at.column)
        if looked_at and looked_at.histogram
        else None,
        "densities": [(d.label, drift_charts.density(d)) for d in found.prediction.densities]
        if found and found.prediction
        else [],
        "retrain": report.train_recipe,
        "p_words": _p_words,
        "overlaid": _overlaid(ask, report, shown) if screen == "performance-drift" else [],
    }


def _overlaid(
    ask: Ask, report: evaluation_reports.Report, shown: drift.DriftView
) -> list[tuple[str, dict[str, Any]]]:
    """The curves of both sides over each other, where both have them."""
    if shown.performance_reason or not shown.reference_id:
        return []
    before = drift.performance_of(ask.node, ask.project, shown.reference_id)
    if before is None or before.reason:
        return []
    sets = {"reference": before.curves, "current": report.performance.curves}
    screens = [
        s
        for s in ("roc", "precision-recall", "calibration", "scatter", "errors")
        if s in report.performance.screens
    ]
    return [(_screens.TITLES[s][0], spec) for s in screens for _, spec in _screens.drawn(s, sets)]


def _p_words(p: float | None) -> str:
    """A p-value as people read it: `0.0413`, `3.1e-05`, `< 1e-12`; a dash for none."""
    if p is None:
        return "–"
    return "< 1e-12" if p < 1e-12 else f"{p:.1e}" if p < 0.0001 else f"{p:.4f}"


def _terms(ask: Ask, report: evaluation_reports.Report) -> DriftSettings:
    """The parameters of the address over those the evaluation was made with."""
    kept = report.settings
    if not ask.word("compute"):
        return kept
    try:
        values = {
            "confidence_level": float(ask.word("confidence", str(kept.confidence_level))),
            "psi_threshold": float(ask.word("psi", str(kept.psi_threshold))),
            "bins": ask.number("bins", kept.bins), "columns": {**kept.columns, **_handlings(ask.query)},
        }  # fmt: skip
        return DriftSettings.model_validate({**kept.model_dump(), **values})
    except ValueError as error:
        raise Invalid(
            "These parameters make no sense for drift.",
            hint="Confidence lies between 0.5 and 1, bins are 2 to 100.",
        ) from error


def _handlings(words: Mapping[str, Any]) -> dict[str, ColumnHandling]:
    """`as.<column>` of the address or a form: auto (also when empty), numerical, categorical or off."""
    chosen = {k[3:]: str(v) for k, v in words.items() if k.startswith("as.")}
    return {
        c: ColumnHandling(enabled=False)
        if how == "off"
        else ColumnHandling.model_validate({"handling": how or "auto"})
        for c, how in chosen.items()
    }


def _suspects(score: GlobalDrift | None) -> tuple[str, ...]:
    """Columns that name the side, or tell the sides apart alone: what to leave out first."""
    if score is None or not score.importances or (score.score or 0.0) < TELLS_ALONE:
        return score.naming if score else ()
    first = max(score.importances, key=lambda name: score.importances[name])
    return tuple(dict.fromkeys((*score.naming, first)))


def _tried(asked: DriftSettings, kept: DriftSettings) -> dict[str, str]:
    """Column → how it is treated here, where that is not what the run did; as the form says it."""
    names = dict.fromkeys((*asked.columns, *kept.columns))
    changed = {c: asked.column(c) for c in names if asked.column(c) != kept.column(c)}
    return {c: how.handling if how.enabled else "off" for c, how in changed.items()}


# charts ---------------------------------------------------------------------------------------------------------------


def _asked(ask: Ask) -> Asked:
    return Asked(
        text=ask.word("text"), by=ask.word("by"), down=ask.word("way", "down") != "up", limit=PAGE,
        offset=ask.number("offset"), metrics=tuple(ask.words("metrics")), x=ask.word("x"), colour=ask.word("colour"),
        labels=tuple(ask.words("labels")) if "labels" in ask.query else None,
    )  # fmt: skip


def _chart(found: Charted) -> dict[str, Any]:
    marks = [
        charts.Mark(n=s.n, x=s.x, value=s.value, series=s.colour, said=s.name, lower=s.lower, upper=s.upper)
        for s in found.spots
    ]
    rules = [
        charts.Rule(value=limit.value, said=str(limit), colour=COLOURS[limit.verdict])
        for limit in found.limits
    ]
    if found.neutral is not None:
        rules.append(charts.Rule(value=found.neutral, said=f"{found.neutral:g} = no drift"))
    return charts.spec(found.label, marks, rules, found.changes)


COLOURS = {
    Verdict.WARNING: theme.VERDICTS["WARNING"],
    Verdict.ERROR: theme.VERDICTS["ERROR"],
    Verdict.OK: theme.NEUTRAL,
    Verdict.EMPTY: theme.NEUTRAL,
}
