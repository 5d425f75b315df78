"""Recipes: choose a kind, fill in its form, run it, see what it would do."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from starlette.responses import Response

from penstock.core import registry
from penstock.core.access import Permission
from penstock.core.errors import Conflict, Invalid, InvalidDefinition, PenstockError, SaveConflict
from penstock.core.job import BuildMode
from penstock.core.kind import Described, documentation
from penstock.runtime import copying, jobs, prepare_steps, projects, recipe_reports, recipes, rehearsing
from penstock.web import advice, forms
from penstock.web.asking import Ask
from penstock.web.pages import _steps
from penstock.web.routes import Routes

routes = Routes()
LATER = {"prepare": {"steps"}}
"""Fields that have a page of their own once the recipe is there."""
GROUPS = {"visual": "Visual", "code": "Code", "ml": "Machine learning"}


@routes.get("/projects/{project}/recipes/new", Permission.WRITE)
def new(ask: Ask) -> Response:
    """Without a type, the kinds to choose from; with one, its form, filled in from the selection."""
    type, inputs = ask.word("type"), _inputs(ask)
    if not type:
        offers = {
            GROUPS.get(c, c): list(found) for c, found in groupby(recipes.kinds(), lambda o: o.category)
        }
        return ask.page("recipes/kinds.html", offers=offers, inputs=inputs)
    model = ask.word("model")
    values = recipes.draft(ask.node, ask.project, type, inputs, model=model)
    name = recipes.proposed_name(ask.node, ask.project, type, [model] if model else inputs)
    return _begun(ask, type, name, values)


@routes.post("/projects/{project}/recipes/new", Permission.WRITE)
def create(ask: Ask) -> Response:
    type, name = ask.word("type"), ask.word("recipe_name")
    values = forms.read(registry.kind("recipes", type), ask.form)
    try:
        recipes.create(ask.node, ask.project, name, values, author=ask.me.login, into=ask.word("zone"))
    except (Invalid, Conflict) as wrong:
        return _begun(ask, type, name, values, wrong)
    return ask.to(ask.url("recipes", name), "Created. Run it when it says what you mean.")


@routes.get("/projects/{project}/recipes/{recipe}", Permission.READ)
def show(ask: Ask, recipe: str) -> Response:
    report = recipe_reports.report(ask.node, ask.project, recipe)
    return _shown(ask, report, forms.values_of(report.recipe))


@routes.post("/projects/{project}/recipes/{recipe}", Permission.WRITE)
def save(ask: Ask, recipe: str) -> Response:
    """Save, and with the button `run` build what it makes."""
    report = recipe_reports.report(ask.node, ask.project, recipe)
    kind = type(report.recipe)
    values = forms.read(kind, ask.form, keep=report.recipe)
    try:
        recipes.change(ask.node, ask.project, recipe, values, author=ask.me.login, base=ask.word("base"))
    except InvalidDefinition as wrong:
        return _shown(ask, report, values, wrong)
    except SaveConflict as conflict:
        return _shown(ask, report, values, conflict=conflict)
    if ask.word("run"):
        started: Response = run(ask, recipe)
        return started
    doubt = rehearsing.doubt(ask.node, ask.project, recipe)
    if doubt:
        return ask.to(ask.url("recipes", recipe), f"Saved, but it cannot run so: {doubt}", "warning")
    return ask.to(ask.url("recipes", recipe), "Saved.")


@routes.post("/projects/{project}/recipes/{recipe}/run", Permission.WRITE)
def run(ask: Ask, recipe: str) -> Response:
    mode = ask.word("mode", BuildMode.ONLY_THIS)
    started = jobs.start(ask.node, ask.project, [recipe], mode, initiator=ask.me.login)
    return ask.to(ask.url("jobs", started.job.id))


@routes.get("/projects/{project}/recipes/{recipe}/plan", Permission.READ)
def plan(ask: Ask, recipe: str) -> Response:
    """What a build would run, in order and with reasons."""
    mode = BuildMode.parse(ask.word("mode", BuildMode.REQUIRED))
    made = jobs.preview(ask.node, ask.project, [recipe], mode)
    return ask.page("recipes/plan.html", recipe=recipe, plan=made, mode=mode, modes=list(BuildMode))


@routes.get("/projects/{project}/recipes/{recipe}/about", Permission.READ)
def about(ask: Ask, recipe: str) -> Response:
    return _told(ask, recipe_reports.report(ask.node, ask.project, recipe))


@routes.post("/projects/{project}/recipes/{recipe}/about", Permission.WRITE)
def describe(ask: Ask, recipe: str) -> Response:
    report = recipe_reports.report(ask.node, ask.project, recipe)
    values = forms.read(type(report.recipe), ask.form, keep=report.recipe)
    try:
        recipes.change(ask.node, ask.project, recipe, values, author=ask.me.login, base=ask.word("base"))
    except (InvalidDefinition, SaveConflict) as wrong:
        return _told(ask, report, values, wrong)
    return ask.to(ask.url("recipes", recipe, "about"), "Saved.")


@routes.get("/projects/{project}/recipes/{recipe}/preview", Permission.READ)
def preview(ask: Ask, recipe: str) -> Response:
    """The tab; its rows are computed once it stands."""
    report = recipe_reports.report(ask.node, ask.project, recipe)
    refusal = rehearsing.why_not(projects.show(ask.node, ask.project), report.recipe)
    return ask.page("recipes/preview.html", report=report, refusal=refusal)


@routes.post("/projects/{project}/recipes/{recipe}/preview", Permission.READ)
def rehearse(ask: Ask, recipe: str) -> Response:
    """The first rows of each output: for the settings in the form when there is one, else for the saved ones."""
    kept = projects.show(ask.node, ask.project).recipe(recipe)
    is_form = bool(ask.word("base"))
    try:
        values = forms.read(type(kept), ask.form, keep=kept) if is_form else None
        seen = rehearsing.rehearse(ask.node, ask.project, recipe, values)
    except PenstockError as error:
        return ask.fragment(
            "recipes/_rehearsed.html", seen=(), wrong=advice.told(error), recipe=recipe, is_saved=not is_form
        )
    return ask.fragment(
        "recipes/_rehearsed.html",
        seen=seen,
        wrong="",
        recipe=recipe,
        is_saved=not is_form,
    )


@routes.post("/projects/{project}/recipes/{recipe}/columns", Permission.WRITE)
def accept(ask: Ask, recipe: str) -> Response:
    """Take over the columns that a run would make."""
    changed = rehearsing.accept(ask.node, ask.project, recipe, author=ask.me.login)
    said = f"Columns of {', '.join(changed)} are saved." if changed else "The columns are so already."
    return ask.to(ask.url("recipes", recipe, "preview"), said)


@routes.post("/projects/{project}/recipes/{recipe}/copy", Permission.WRITE)
def copy(ask: Ask, recipe: str) -> Response:
    """The recipe once more with all its settings, writing copies of its outputs."""
    renamed = copying.copy(ask.node, ask.project, [f"{recipe}"], author=ask.me.login)
    made = [new for old, new in renamed.items() if old != recipe]
    return ask.to(
        ask.url("recipes", renamed[recipe]), f"A copy with all its settings; it writes {', '.join(made)}."
    )


@routes.post("/projects/{project}/recipes/{recipe}/delete", Permission.WRITE)
def delete(ask: Ask, recipe: str) -> Response:
    projects.remove(ask.node, ask.project, "recipe", recipe, author=ask.me.login)
    return ask.to(ask.url("flow"), f"{recipe} is gone; what it made stays. History brings it back.")


def _inputs(ask: Ask) -> list[str]:
    return [name for text in ask.words("inputs") for name in text.split(",") if name]


def _begun(
    ask: Ask, type: str, name: str, values: Mapping[str, Any], wrong: Invalid | Conflict | None = None
) -> Response:
    flaw = wrong if isinstance(wrong, InvalidDefinition) else None
    kind = registry.kind("recipes", type)
    loaded = projects.show(ask.node, ask.project)
    return ask.page(
        "recipes/new.html", status=422 if wrong else 200, type=type, name=name,
        category=getattr(kind, "CATEGORY", ""), about=documentation(kind)[0],
        fields=forms.draw(ask, kind, values, wrong=flaw, without=Described.MEANINGLESS | LATER.get(type, set())),
        **forms.apart(wrong), zones=list(loaded.zones.zones), zone=ask.word("zone"),
    )  # fmt: skip


def _told(
    ask: Ask, report: recipe_reports.Report, values: Mapping[str, Any] | None = None,
    refused: InvalidDefinition | SaveConflict | None = None,
) -> Response:  # fmt: skip
    """Title, description and tags as they are in the form."""
    shown = forms.values_of(report.recipe) if values is None else values
    wrong, conflict = forms.told(refused)
    fields = forms.draw(ask, type(report.recipe), shown, wrong=wrong, only=Described.MEANINGLESS)
    return ask.page(
        "recipes/about.html", status=forms.status(refused), report=report, fields=fields, conflict=conflict
    )


def _shown(
    ask: Ask,
    report: recipe_reports.Report,
    values: Mapping[str, Any],
    wrong: InvalidDefinition | None = None,
    *,
    conflict: SaveConflict | None = None,
) -> Response:
    """The settings as they are in the form: saved, or refused with what is wrong at its field."""
    status = 422 if wrong else 409 if conflict else 200
    kind, said = type(report.recipe), {"report": report, "conflict": conflict}
    if report.type == "prepare":
        columns = rehearsing.columns_of_inputs(ask.node, ask.project, report.recipe)
        return ask.page(
            "recipes/prepare.html", status=status, **said, is_wrong=bool(wrong),
            fields=forms.draw(ask, kind, values, only=("input", "output"), wrong=_outside(wrong)),
            steps=_steps.drawn(ask, values, columns, wrong), processors=prepare_steps.processors(),
        )  # fmt: skip
    fields = forms.draw(ask, kind, values, wrong=wrong, without=Described.MEANINGLESS)
    refusal = rehearsing.why_not(projects.show(ask.node, ask.project), report.recipe)
    return ask.page("recipes/recipe.html", status=status, **said, fields=fields, refusal=refusal)


def _outside(wrong: InvalidDefinition | None) -> InvalidDefinition | None:
    """What is wrong with Prepare beside its steps."""
    found = [w for w in ((wrong, *wrong.also) if wrong else ()) if not w.field.startswith("steps.")]
    if not found:
        return None
    first = InvalidDefinition(found[0].problem, field=found[0].field, hint=found[0].hint)
    first.also = tuple(found[1:])
    return first
