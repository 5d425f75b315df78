"""What a scenario does: its steps as cards, or its script; and a rehearsal of which steps would run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from penstock.core.access import Permission
from penstock.core.errors import Invalid, InvalidDefinition, NotFound, SaveConflict
from penstock.core.outcome import Outcome
from penstock.runtime import scenario_editing, scenario_reports, scenarios
from penstock.runtime.scenario_reports import Report
from penstock.web import advice, forms
from penstock.web.asking import Ask
from penstock.web.pages import _cards
from penstock.web.routes import Routes

routes = Routes()
SCENARIO = "/projects/{project}/scenarios/{scenario}"


@routes.get(SCENARIO, Permission.READ)
def show(ask: Ask, scenario: str) -> Response:
    report = _report(ask, scenario)
    if report is None:
        return ask.page("scenarios/broken.html", listed=scenarios.listed(ask.node, ask.project, scenario))
    values = forms.values_of(report.scenario)
    return _shown(ask, report, values, wrong=scenario_editing.together(report.problems))


@routes.post(SCENARIO, Permission.WRITE)
def save(ask: Ask, scenario: str) -> Response:
    """Save the steps or the script; with `add` one more step is shown, and nothing is saved yet."""
    report = scenario_reports.report(ask.node, ask.project, scenario)
    values = {**forms.values_of(report.scenario), **_posted(ask, report)}
    if ask.word("add"):
        steps = [*values.get("steps", ()), scenario_editing.fresh(ask.word("add"), taken=_names(values))]
        return _shown(ask, report, {**values, "steps": steps}, chosen=len(steps) - 1)
    try:
        scenarios.save(
            ask.node, ask.project, scenario, values, author=ask.me.login, base=ask.word("base"),
            message=f"Change what scenario {scenario} does",
        )  # fmt: skip
    except InvalidDefinition as wrong:
        return _shown(ask, report, values, status=422, wrong=wrong)
    except SaveConflict as conflict:
        return _shown(ask, report, values, status=409, conflict=conflict)
    if ask.word("run"):
        started = scenarios.start(ask.node, ask.project, scenario, by=ask.me.login)
        return ask.to(ask.url("scenarios", scenario, "runs", started.id))
    return ask.to(ask.url("scenarios", scenario), "Saved.")


@routes.post(SCENARIO + "/pieces/{family}", Permission.WRITE)
def piece(ask: Ask, scenario: str, family: str) -> Response:
    """A card and its form, for the page that is open: of a new kind, of values that were copied, or of what stands
    in the form; with `as=values` the values themselves, to be copied. Saves nothing."""
    sort, number = scenario_editing.family(family), ask.number("number")
    values = _values(ask, sort, number)
    if ask.word("as") == "values":
        return ask.json(values)
    labels = scenarios.definition(ask.node, ask.project, scenario).labels
    made = _cards.card(ask, sort, values, number, labels=labels)
    return ask.fragment("scenarios/_piece.html", card=made, name=scenario, only_card=ask.word("as") == "card")


@routes.get(SCENARIO + "/rehearsal", Permission.READ)
def rehearsal(ask: Ask, scenario: str) -> Response:
    """Which steps would run, and how it would end, if steps ended as somebody supposes."""
    report = scenario_reports.report(ask.node, ask.project, scenario)
    labels = report.scenario.labels
    supposed = {labels[int(n)]: w for n, w in _supposed(ask) if int(n) < len(labels)}
    is_script = report.scenario.kind == "python"
    steps = [] if is_script else scenarios.dry_run(ask.node, ask.project, scenario, supposed)
    return ask.page(
        "scenarios/rehearsal.html", report=report, steps=steps, supposed=supposed,
        outcomes=[o.value for o in Outcome if o is not Outcome.ABORTED],
    )  # fmt: skip


def _report(ask: Ask, scenario: str) -> Report | None:
    """None for a scenario whose file cannot be read."""
    try:
        return scenario_reports.report(ask.node, ask.project, scenario)
    except InvalidDefinition:
        return None


def _posted(ask: Ask, report: Report) -> dict[str, Any]:
    if report.scenario.kind == "python":
        return {"body": str(ask.form.get("body", "")).replace("\r\n", "\n")}
    return {"steps": _cards.read(ask, "steps")}


def _names(values: Mapping[str, Any]) -> list[str]:
    return [str(step.get("name", "")) for step in values.get("steps", ())]


def _supposed(ask: Ask) -> list[tuple[str, str]]:
    """`o3=FAILED` in the query: step 3 is supposed to fail."""
    return [(k[1:], v) for k, v in ask.query.items() if k[:1] == "o" and k[1:].isdigit() and v]


def _values(ask: Ask, family: scenario_editing.Family, number: int) -> dict[str, Any]:
    if ask.word("type"):
        return scenario_editing.fresh(ask.word("type"), family, str(ask.form.get("taken", "")).split("\n"))
    if not ask.word("values"):
        return _cards.read_one(ask, family, number)
    try:
        values = json.loads(ask.word("values"))
    except ValueError as error:
        raise Invalid("What was copied is not a step.") from error
    if not isinstance(values, Mapping) or "type" not in values:
        raise Invalid("What was copied is not a step.", hint="Copy one here or in another scenario first.")
    if values["type"] not in {offer.type for offer in scenario_editing.offers(family)}:
        raise NotFound(f"kind of {family}", str(values["type"]))
    return dict(values)


def _shown(
    ask: Ask, report: Report, values: Mapping[str, Any], *, status: int = 200, chosen: int = -1,
    wrong: InvalidDefinition | None = None, conflict: SaveConflict | None = None,
) -> Response:  # fmt: skip
    steps: Sequence[Mapping[str, Any]] = values.get("steps", ())
    cards = _cards.cards(ask, "steps", steps, wrong=wrong, lacks=report.lacks, labels=report.scenario.labels)
    elsewhere = [
        advice.told(w) for w in ((wrong, *wrong.also) if wrong else ()) if not w.field.startswith("steps.")
    ]
    return ask.page(
        "scenarios/steps.html", status=status, report=report, cards=cards, body=str(values.get("body", "")),
        chosen=next((c.number for c in cards if c.wrong), 0) if chosen < 0 else chosen, conflict=conflict,
        elsewhere=elsewhere, offers=scenario_editing.offers("steps"),
    )  # fmt: skip
