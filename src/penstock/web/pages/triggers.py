"""What starts a scenario, who is told, and as whom it runs: the settings of a scenario, and its triggers tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.errors import Invalid, InvalidDefinition, SaveConflict
from penstock.core.kind import Described
from penstock.core.scenario import Scenario
from penstock.runtime import previews, scenario_editing, scenario_reports, scenarios
from penstock.runtime.scenario_reports import Report
from penstock.web import advice, forms
from penstock.web.asking import Ask
from penstock.web.pages import _cards
from penstock.web.routes import Routes

routes = Routes()
SCENARIO = "/projects/{project}/scenarios/{scenario}"
RULES = ("on_conflict", "max_duration", "mark_as_test")
ABOUT = ("title", "short_description", "description", "tags", "annotations")


@routes.get(SCENARIO + "/settings", Permission.READ)
def settings(ask: Ask, scenario: str) -> Response:
    report = scenario_reports.report(ask.node, ask.project, scenario)
    values = forms.values_of(report.scenario)
    return _shown(ask, report, values, wrong=scenario_editing.together(report.problems))


@routes.post(SCENARIO + "/settings", Permission.WRITE)
def save(ask: Ask, scenario: str) -> Response:
    report = scenario_reports.report(ask.node, ask.project, scenario)
    general = forms.read(Scenario, ask.form, keep=report.scenario)
    values = {
        **general, "triggers": _cards.read(ask, "triggers"), "reporters": _cards.read(ask, "reporters"),
    }  # fmt: skip
    if ask.word("add"):
        return _shown(ask, report, _with_one_more(values, ask.word("add")))
    try:
        scenarios.save(
            ask.node, ask.project, scenario, values, author=ask.me.login, base=ask.word("base"),
            message=f"Change the settings of scenario {scenario}",
        )  # fmt: skip
    except InvalidDefinition as wrong:
        return _shown(ask, report, values, status=422, wrong=wrong)
    except SaveConflict as conflict:
        return _shown(ask, report, values, status=409, conflict=conflict)
    return ask.to(ask.url("scenarios", scenario, "settings"), "Saved.")


@routes.post(SCENARIO + "/triggers/preview", Permission.READ)
def preview(ask: Ask, scenario: str) -> Response:
    """In words, and the next times, of a trigger as it stands in the form."""
    values = _cards.read_one(ask, "triggers", ask.number("number"))
    try:
        due = previews.due(ask.node, values)
    except Invalid as wrong:
        return ask.fragment("scenarios/_due.html", due=None, problem=advice.of(wrong.message))
    return ask.fragment("scenarios/_due.html", due=due, problem="")


@routes.post(SCENARIO + "/triggers/try", Permission.WRITE)
def look(ask: Ask, scenario: str) -> Response:
    """One look of a trigger as it stands in the form. It starts nothing."""
    values = _cards.read_one(ask, "triggers", ask.number("number"))
    if "code" in values:
        ask.need(Permission.WRITE_CODE)
    looked = previews.look(ask.node, ask.project, scenario, values)
    return ask.fragment("scenarios/_looked.html", looked=looked)


def _with_one_more(values: Mapping[str, Any], type: str) -> dict[str, Any]:
    """Without scripts: one more trigger, or reporter."""
    found = [o.type for o in scenario_editing.offers("triggers")]
    family = "triggers" if type in found else "reporters"
    return {**values, family: [*values[family], {"type": type}]}


def _shown(
    ask: Ask, report: Report, values: Mapping[str, Any], *, status: int = 200,
    wrong: InvalidDefinition | None = None, conflict: SaveConflict | None = None,
) -> Response:  # fmt: skip
    triggers = _cards.cards(ask, "triggers", values.get("triggers", ()), wrong=wrong, lacks=report.lacks)
    reporters = _cards.cards(
        ask, "reporters", values.get("reporters", ()), wrong=wrong, lacks=report.lacks,
        labels=report.scenario.labels,
    )  # fmt: skip
    rules = (*RULES, "run_as") if ask.me.is_administrator else RULES
    every = (wrong, *wrong.also) if wrong else ()
    ours = [w for w in every if w.field.split(".")[0] in (*rules, *ABOUT)]
    elsewhere = [
        advice.told(w) for w in every if w not in ours and not w.field.startswith(("triggers.", "reporters."))
    ]
    fields = forms.draw(
        ask, Scenario, values, only=[*rules, *Described.MEANINGLESS], wrong=scenario_editing.together(ours)
    )
    return ask.page(
        "scenarios/settings.html", status=status, report=report, triggers=triggers, reporters=reporters,
        fields=fields, conflict=conflict, elsewhere=elsewhere, kinds_of_triggers=scenario_editing.offers("triggers"),
        kinds_of_reporters=scenario_editing.offers("reporters"),
    )  # fmt: skip
