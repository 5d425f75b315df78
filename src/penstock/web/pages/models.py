"""Models: their versions, the report of each with what moves it, the design, training."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.analysis import ImportSettings
from penstock.core.errors import (
    ColumnMissing,
    Conflict,
    Invalid,
    InvalidDefinition,
    NotFound,
    PenstockError,
    SaveConflict,
)
from penstock.core.job import BuildMode
from penstock.drawing.charts import evaluations as over_time
from penstock.drawing.charts import explaining
from penstock.drawing.charts.histories import sparkline
from penstock.http import uploads, zipped
from penstock.runtime import deleting, jobs, model_making, model_reports, projects, training
from penstock.runtime.model_making import Guess
from penstock.runtime.model_reports import Report, VersionReport
from penstock.web import advice, forms
from penstock.web.asking import Ask
from penstock.web.pages import _design, _forecast, _screens
from penstock.web.pages._screens import Group
from penstock.web.routes import Routes

routes = Routes()
MODEL = "/projects/{project}/models/{model}"
VERSION = MODEL + "/versions/{version}"
EXPLAINED = ("importance", "dependence", "subpopulations", "explanations", "what-if")
INFORMATION = ("features", "algorithm", "training", "diagnostics")
MEASURED = ("probes", "checks", "displayed_metrics")
"""What the page of metrics and checks edits."""


# models ---------------------------------------------------------------------------------------------------------------


@routes.get("/projects/{project}/models", Permission.READ)
def listing(ask: Ask) -> Response:
    found = model_reports.everything(ask.node, ask.project)
    return ask.page("models/list.html", models=found, sparkline=sparkline)


@routes.get("/projects/{project}/models/new", Permission.WRITE)
def new(ask: Ask) -> Response:
    """First what to learn from, then which of its columns to predict."""
    return _begun(ask)


@routes.post("/projects/{project}/models/new", Permission.WRITE)
def create(ask: Ask) -> Response:
    """A model that is designed here with the recipe that trains it, or without a target one that is only imported."""
    target = ask.word("target")
    name = ask.word("model_name") or (f"{target}_model" if target else "")
    try:
        model_making.create(
            ask.node, ask.project, name, author=ask.me.login, target=target, dataset=ask.word("dataset")
        )
    except (Invalid, Conflict, NotFound) as wrong:
        return _begun(ask, wrong)
    said = "Created. Look over its design, then train it." if target else "Created."
    return ask.to(ask.url("models", name, "design") if target else ask.url("models", name), said)


def _begun(ask: Ask, wrong: PenstockError | None = None) -> Response:
    """The form with what was chosen and typed so far."""
    dataset, problem, guesses = ask.word("dataset"), "", list[Guess]()
    listed = sorted(projects.show(ask.node, ask.project).datasets)
    try:
        guesses = model_making.guesses(ask.node, ask.project, dataset) if dataset in listed else []
    except PenstockError as unread:
        problem = advice.told(unread)
    return ask.page(
        "models/new.html", status=422 if wrong else 200, datasets=[(d, d) for d in listed], dataset=dataset,
        guesses=guesses, problem=problem, **forms.apart(wrong),
    )  # fmt: skip


@routes.get(MODEL, Permission.READ)
def show(ask: Ask, model: str) -> Response:
    report = model_reports.report(ask.node, ask.project, model)
    return ask.page("models/model.html", report=report, chart=_chart(report), heads=_heads(report))


@routes.get(MODEL + "/design", Permission.READ)
def design(ask: Ask, model: str) -> Response:
    base = projects.base(ask.node, ask.project, "model", model)
    report = model_reports.report(ask.node, ask.project, model)
    if _forecast.asked(ask, report):
        return _forecast.design(ask, report, base)
    found = _design.shown(ask, report, forms.values_of(report.model.design) if report.model.design else {})
    return ask.page("models/design.html", report=report, tab="design", found=found, base=base, conflict=None)


@routes.post(MODEL + "/design", Permission.WRITE)
def save_design(ask: Ask, model: str) -> Response:
    """Save, and with the button `train` train a new version."""
    report = model_reports.report(ask.node, ask.project, model)
    if _forecast.asked(ask, report):
        refused_page = _forecast.save(ask, report)
        return refused_page or _saved_design(ask, model)
    before = report.model.design
    design = _design.read(ask.form, before)
    values = {**forms.values_of(report.model), "design": design if before or design.get("target") else None}
    try:
        projects.define(
            ask.node, ask.project, "model", model, values, author=ask.me.login, base=ask.word("base")
        )
    except (InvalidDefinition, SaveConflict) as refused:
        wrong, conflict = forms.told(refused)
        return ask.page(
            "models/design.html", status=refused.http_status, report=report, tab="design", conflict=conflict,
            found=_design.shown(ask, report, design, wrong), base=conflict.now if conflict else "",
        )  # fmt: skip
    return _saved_design(ask, model)


def _saved_design(ask: Ask, model: str) -> Response:
    return train(ask, model) if ask.word("train") else ask.to(ask.url("models", model, "design"), "Saved.")


@routes.get(MODEL + "/handling", Permission.READ)
def handling(ask: Ask, model: str) -> Response:
    """The settings of one way of handling a column, when it is chosen in the table of the design."""
    row = ask.number("row", 0, most=100_000)
    chosen = next((v for name, v in ask.query.items() if name.endswith(".type")), "")
    return ask.fragment("forms/_kind.html", html=_design.settings(ask, row, chosen))


@routes.get(MODEL + "/settings", Permission.READ)
def settings(ask: Ask, model: str) -> Response:
    base = projects.base(ask.node, ask.project, "model", model)
    report = model_reports.report(ask.node, ask.project, model)
    fields = forms.draw(ask, report.model, without=("design", "forecast", *MEASURED))
    return ask.page("models/edit.html", report=report, fields=fields, base=base, conflict=None)


@routes.post(MODEL + "/settings", Permission.WRITE)
def save_settings(ask: Ask, model: str) -> Response:
    report = model_reports.report(ask.node, ask.project, model)
    values = forms.read(type(report.model), ask.form, keep=report.model)
    try:
        projects.define(
            ask.node, ask.project, "model", model, values, author=ask.me.login, base=ask.word("base")
        )
    except (InvalidDefinition, SaveConflict) as refused:
        wrong, conflict = forms.told(refused)
        fields = forms.draw(
            ask, type(report.model), values, wrong=wrong, without=("design", "forecast", *MEASURED)
        )
        return ask.page(
            "models/edit.html", status=refused.http_status, report=report, conflict=conflict, fields=fields,
            base=conflict.now if conflict else "",
        )  # fmt: skip
    return ask.to(ask.url("models", model, "settings"), "Saved.")


@routes.post(MODEL + "/train", Permission.WRITE)
def train(ask: Ask, model: str) -> Response:
    """Train a new version, unless the design names a column that is not there: that is told where it can be mended."""
    try:
        model_making.check(ask.node, ask.project, model)
    except ColumnMissing as missing:
        return ask.to(ask.url("models", model, "design"), advice.told(missing), "error")
    started = jobs.start(ask.node, ask.project, [model], BuildMode.ONLY_THIS, initiator=ask.me.login)
    return ask.to(ask.url("jobs", started.job.id))


@routes.post(MODEL + "/import", Permission.WRITE)
def import_mlflow(ask: Ask, model: str) -> Response:
    """Take in a folder that MLflow saved, as a zip file. Pickles are for the command line, where trust is said."""
    upload = next(ask.files("folder"), None)
    if upload is None:
        raise Invalid("No file came with it.", hint="Choose the zip file of the folder that holds MLmodel.")
    classes = tuple(c.strip() for c in ask.word("classes").split(",") if c.strip())
    settings = ImportSettings(target=ask.word("target"), classes=classes)
    place = ask.node.config.home / "work"
    place.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=place) as folder:
        (archive,) = uploads.receive([upload], Path(folder))
        opened = zipped.unpack(archive, Path(folder) / "opened")
        source = next((p.parent for p in opened.rglob("MLmodel")), opened)
        made = training.import_mlflow(
            ask.node,
            ask.project,
            model,
            source,
            settings,
            activate=bool(ask.word("activate")),
            by=ask.me.login,
        )
    return ask.to(ask.url("models", model, "versions", made.id), "Taken in.")


@routes.post(MODEL + "/promote", Permission.WRITE)
def promote(ask: Ask, model: str) -> Response:
    """Make a version active if it is better than the one that is; what was found is said either way."""
    found = training.promote(
        ask.node, ask.project, model, ask.word("version"), metric=ask.word("metric"), store=ask.word("store"),
        margin=_margin(ask), by=ask.me.login,
    )  # fmt: skip
    return ask.to(ask.url("models", model), found.why, "success" if found.promoted else "warning")


def _margin(ask: Ask) -> float:
    try:
        return abs(float(ask.word("margin").replace(",", ".") or 0))
    except ValueError as error:
        raise Invalid(f"'{ask.word('margin')}' is not a number.", hint="Such as 0.01.") from error


@routes.post(MODEL + "/delete", Permission.WRITE)
def delete_model(ask: Ask, model: str) -> Response:
    gone = deleting.delete(ask.node, ask.project, [model], author=ask.me.login)
    with_it = f", with recipe {', '.join(gone.recipes)}" if gone.recipes else ""
    return ask.to(ask.url("models"), f"{model} is gone{with_it}. History brings the definitions back.")


@routes.post(MODEL + "/chosen", Permission.WRITE)
def chosen(ask: Ask, model: str) -> Response:
    """Delete the chosen versions, or compare them: the button says which."""
    ids = ask.words("ids")
    if ask.word("what") == "compare":
        return ask.to(ask.url("compare", items=",".join(f"{model}/{id}" for id in ids)))
    gone = training.delete(ask.node, ask.project, model, ids)
    return ask.to(ask.url("models", model), f"Deleted {gone} version{'s' * (gone != 1)}.")


# one version ----------------------------------------------------------------------------------------------------------


@routes.get(VERSION, Permission.READ)
def summary(ask: Ask, model: str, version: str) -> Response:
    return _screen(ask, model, version, "summary")


@routes.get(VERSION + "/{screen}", Permission.READ)
def screen(ask: Ask, model: str, version: str, screen: str) -> Response:
    return _screen(ask, model, version, screen)


@routes.post(VERSION + "/activate", Permission.WRITE)
def activate(ask: Ask, model: str, version: str) -> Response:
    done = training.activate(ask.node, ask.project, model, version, by=ask.me.login)
    for notice in done.notices:
        ask.flash(notice, "info")
    return ask.back(f"{done.version.name} is the active version: Score and Evaluate use it from now on.")


@routes.post(VERSION + "/delete", Permission.WRITE)
def delete(ask: Ask, model: str, version: str) -> Response:
    training.delete(ask.node, ask.project, model, [version])
    return ask.to(ask.url("models", model), "Deleted. Its evaluations stay readable.")


def _screen(ask: Ask, model: str, version: str, screen: str) -> Response:
    report = model_reports.version(ask.node, ask.project, model, version)
    menu = _menu(report)
    _screens.check(screen, menu, f"version {version}")
    data: dict[str, Any] = {
        "report": report, "menu": menu, "screen": screen, "titles": _screens.TITLES, "name": model,
        "base": ask.url("models", model, "versions", report.version.id), "of": report.performance,
        "hint": _screens.HINTS.get(screen, ""), "cut": _screens.asked_cut(ask, report.performance),
        "charts": _screens.drawn(screen, {report.version.name: report.performance.curves}, report.performance),
    }  # fmt: skip
    if ask.is_fragment and screen == "confusion":
        return ask.fragment("reports/_cut.html", **data)
    data |= EXTRAS[screen](ask, report) if screen in EXTRAS else {}
    if ask.is_fragment and screen == "what-if":
        return ask.fragment("models/_answer.html", **data)
    return ask.page("models/version.html", **data)


def _menu(report: VersionReport) -> list[Group]:
    fair = ("fairness",) if report.version.prediction_type == "binary" else ()
    explained = (*EXPLAINED, *fair) if report.is_explained else ()
    about = INFORMATION[1:] if report.version.prediction_type == "forecast" else INFORMATION
    return _screens.groups(report.performance, Group("Explanations", explained), Group("Model", about))


def _importance(ask: Ask, report: VersionReport) -> dict[str, Any]:
    found = _screens.importance(report.importances)
    weights = {k: max(map(abs, v)) for k, v in (report.detail.get("coefficients") or {}).items() if v}
    if weights:
        about = "Weights of the linear model on the rescaled columns of its matrix."
        found.append(("Coefficients", about, explaining.bars(_signed(report), "Coefficients")))
    return {"importances": found, "note": report.importances.get("note", "")}


def _signed(report: VersionReport) -> dict[str, float]:
    """The weight of each column: of the positive class, or the only one."""
    return {k: v[-1] for k, v in report.detail["coefficients"].items() if v}


def _dependence(ask: Ask, report: VersionReport) -> dict[str, Any]:
    feature = ask.word("feature") or report.ranked[0]
    found = training.partial_dependence(
        ask.node, ask.project, report.version.model, feature, version=report.version.id
    )
    return {"feature": feature, "found": found, "chart": explaining.dependence(found, report.version.classes)}


def _subpopulations(ask: Ask, report: VersionReport) -> dict[str, Any]:
    column = ask.word("column") or report.ranked[0]
    found = training.subpopulations(
        ask.node, ask.project, report.version.model, column, version=report.version.id
    )
    scores = [s for s in report.performance.scores if s.value is not None]
    heads = [(s.label, "number", s.about, "" if s.main else "hide-phone") for s in scores]
    return {"column": column, "found": found, "group_heads": heads}


def _explanations(ask: Ask, report: VersionReport) -> dict[str, Any]:
    rows = ask.number("rows", 3, least=1, most=20)
    found = training.explanations(
        ask.node, ask.project, report.version.model, rows=rows, version=report.version.id
    )
    sides = {
        words: [(e, explaining.influences(e["influences"], "Influences")) for e in found[side]]
        for side, words in (("highest", "Highest predictions"), ("lowest", "Lowest predictions"))
    }
    return {"sides": sides, "rows": rows}


def _what_if(ask: Ask, report: VersionReport) -> dict[str, Any]:
    typed = {k[2:]: v for k, v in ask.query.items() if k.startswith("f.")}
    changes = model_reports.imagined(report, typed)
    found = training.what_if(ask.node, ask.project, report.version.model, changes, version=report.version.id)
    choices = {
        name: _values(ask, report, name)
        for name in report.features
        if isinstance(report.start.get(name), str)
    }
    influences = found.get("influences") or ()
    chart = explaining.influences(influences, "Influences") if influences else None
    return {"found": found, "choices": choices, "chart": chart}


def _values(ask: Ask, report: VersionReport, feature: str) -> list[str]:
    """The usual values of a category, to choose from; anything may be typed."""
    found = training.partial_dependence(
        ask.node, ask.project, report.version.model, feature, version=report.version.id
    )
    return [str(value) for value in found["at"]]


def _fairness(ask: Ask, report: VersionReport) -> dict[str, Any]:
    column, reference = ask.word("column"), ask.word("reference")
    data: dict[str, Any] = {
        "column": column,
        "reference": reference,
        "found": None,
        "problem": "",
        "groups": [],
    }
    if not column:
        return data
    v = report.version
    groups = training.subpopulations(ask.node, ask.project, v.model, column, version=v.id)["groups"]
    names = [g["name"] for g in groups]
    chosen = reference if reference in names else next(iter(names), "")
    try:
        found = training.fairness(
            ask.node, ask.project, v.model, column, chosen, positive=ask.word("positive"), version=v.id
        )
    except PenstockError as error:
        return {**data, "problem": advice.told(error), "groups": names}
    return {**data, "found": found, "groups": names, "reference": chosen}


def _features(ask: Ask, report: VersionReport) -> dict[str, Any]:
    design = (report.detail.get("design") or {}).get("features") or {}
    weights = report.importances.get("shapley") or report.importances.get("permutation") or {}
    used = [(f, design.get(f) or {}, weights.get(f)) for f in report.ranked]
    return {"used": used, "rejected": [f for f, d in design.items() if d.get("role") == "reject"]}


def _algorithm(ask: Ask, report: VersionReport) -> dict[str, Any]:
    trials = sorted(report.detail.get("trials") or (), key=lambda t: t.get("score") is None)
    return {
        "settings": list(_screens.flat(report.detail.get("hyperparameters") or {})),
        "trials": [
            {**t, "words": ", ".join(f"{k} {v}" for k, v in (t.get("values") or {}).items())} for t in trials
        ],
    }


def _training(ask: Ask, report: VersionReport) -> dict[str, Any]:
    return {
        "settings": list(
            _screens.flat({k: v for k, v in (report.detail.get("design") or {}).items() if k != "features"})
        )
    }


EXTRAS = {
    "importance": _importance, "dependence": _dependence, "subpopulations": _subpopulations,
    "explanations": _explanations, "what-if": _what_if, "fairness": _fairness, "features": _features,
    "algorithm": _algorithm, "training": _training, "forecast": _forecast.of_version,
    "series": _forecast.series_of_version,
}  # fmt: skip
"""Screen → what it shows besides."""


# charts ---------------------------------------------------------------------------------------------------------------


def _heads(report: Report) -> list[tuple[str, ...]]:
    """The metrics as heads of a table; a phone has room for the main one."""
    return [(h.label, "number", h.about, "" if h.main else "hide-phone") for h in report.headings]


def _chart(report: Report) -> dict[str, Any] | None:
    """The main metric over the versions."""
    having = [v for v in reversed(report.versions) if v.main_metric in v.metrics]
    if len(having) < 2 or report.main is None:
        return None
    marks = [
        over_time.Mark(n=n, x=v.name, value=v.metrics[v.main_metric], series="current", said=v.name)
        for n, v in enumerate(having)
    ]
    return over_time.spec(report.main.label, marks)
