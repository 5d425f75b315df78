"""What is wrong with a scenario is known before it runs, with its place and the nearest name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.core import registry
from penstock.core.folder import Folder
from penstock.core.project import Project, ProjectSettings, Zone, Zones
from penstock.core.scenario import Scenario
from penstock.core.scenario_problems import problems


def found(*steps: dict[str, Any], **settings: Any) -> list[tuple[str, str]]:
    """(field, message) of every problem of a project with this scenario, a folder `inbox` and a zone `monthly`."""
    scenario = registry.validate(Scenario, {"steps": list(steps), **settings})
    project = Project(
        key="P", path=Path("nowhere"), settings=ProjectSettings(), folders={"inbox": Folder()},
        zones=Zones(zones={"monthly": Zone(items=("inbox",))}), scenarios={"s": scenario, "retrain": Scenario()},
    )  # fmt: skip
    assert {p.file for p in problems(project)} <= {"scenarios/s.yaml"}
    return [(p.field, p.problem) for p in problems(project)]


def clear(*items: str, **settings: Any) -> dict[str, Any]:
    return {"type": "clear", "items": list(items) or ["inbox"], **settings}


def when(condition: str, **settings: Any) -> dict[str, Any]:
    return clear(run_if={"condition": condition}, **settings)


def test_a_sound_scenario_has_no_problem():
    assert found(
        {"type": "build", "items": ["inbox", "zone:monthly", "*", "${month}"]},
        {"type": "run_scenario", "scenario": "retrain"},
        when('stepOutcome_Step_1 == \'SUCCESS\' && variables["stepOutcome_Step #2"] == null', name="last one"),
        when("stepOutcome_last_one != 'FAILED' && toNumber(parseJson(stepOutput_Step_1)) > 3"),
    ) == []  # fmt: skip


def test_an_object_that_is_not_there_is_named_with_the_nearest():
    ((field, message),) = found(clear("inbox"), clear("inbox", "inbx"))
    assert field == "steps.1.items.1"
    assert message == "There is no object 'inbx'. Did you mean inbox?"


def test_an_object_of_another_sort_is_refused():
    ((_, message),) = found({"type": "promote_model", "model": "inbox"})
    assert "'inbox' is a folder; a model belongs here." in message


@pytest.mark.parametrize(("step", "message"), [
    ({"type": "run_scenario", "scenario": "retrian"}, "There is no scenario 'retrian'. Did you mean retrain?"),
    ({"type": "build", "items": ["zone:montly"]}, "There is no zone 'montly'. Did you mean monthly?"),
])  # fmt: skip
def test_scenarios_and_zones_are_looked_up_too(step, message):
    assert [m for _, m in found(step)] == [message]


@pytest.mark.parametrize("more", [{}, {"project": "P"}])
@pytest.mark.parametrize("on_conflict", ["cancel", "queue one"])
def test_a_scenario_that_runs_itself_is_refused(on_conflict, more):
    ((field, message),) = found({"type": "run_scenario", "scenario": "s", **more}, on_conflict=on_conflict)
    assert field == "steps.0.scenario"
    assert "cannot run itself" in message


def test_scenarios_that_run_each_other_are_refused_with_the_chain():
    there = {
        "a": [{"type": "run_scenario", "scenario": "b"}],
        "b": [
            {"type": "run_scenario", "scenario": "${who}"}, {"type": "run_scenario", "scenario": "c", "project": "P"},
        ],
        "c": [{"type": "run_scenario", "scenario": "a"}],
        "d": [{"type": "run_scenario", "scenario": "a"}, {"type": "run_scenario", "scenario": "d", "enabled": False}],
    }  # fmt: skip
    project = Project(
        key="P", path=Path("nowhere"), settings=ProjectSettings(),
        scenarios={name: registry.validate(Scenario, {"steps": steps}) for name, steps in there.items()},
    )  # fmt: skip
    told = [(p.file, p.field, p.problem) for p in problems(project)]
    assert [(file, field) for file, field, _ in told] == [
        ("scenarios/a.yaml", "steps.0.scenario"), ("scenarios/b.yaml", "steps.1.scenario"),
        ("scenarios/c.yaml", "steps.0.scenario"),
    ]  # fmt: skip
    assert "a → b → c → a" in told[0][2]


def test_a_scenario_of_another_project_is_not_looked_up_here():
    assert found({"type": "run_scenario", "scenario": "anything", "project": "OTHER"}) == []


def test_a_condition_about_a_step_that_is_not_there_names_the_nearest():
    ((field, message),) = found(clear(name="MES_Warn"), when("stepOutcome_MES_Wanr == 'WARNING'"))
    assert field == "steps.1.run_if.condition"
    assert message == "No step is called 'MES_Wanr'. Did you mean MES_Warn?"


@pytest.mark.parametrize("condition", ["stepOutcome_b == 'FAILED'", 'variables["stepResult_c"].start > 1'])
def test_a_condition_about_itself_or_a_later_step_is_refused(condition):
    ((_, message),) = found(clear(name="a"), when(condition, name="b"), clear(name="c"))
    assert "comes later" in message


def test_texts_and_formulas_of_a_step_are_looked_through_as_well():
    lines = {
        "type": "define_variables",
        "values": {"x": "${stepOutput_nothing}"},
        "formulas": {"y": "stepResult_no"},
    }
    assert [field for field, _ in found(lines)] == ["steps.0.values.x", "steps.0.formulas.y"]


@pytest.mark.parametrize(("condition", "right"), [
    ("outcome == 'FAIL'", "Did you mean FAILED?"),
    ("stepOutcome_a == 'SUCESS'", "Did you mean SUCCESS?"),
    ("'sucess' != stepOutcome_a", "Did you mean SUCCESS?"),
    ("stepOutcome_a == 'ERROR'", "verdict of checks and no outcome, so nothing is ever equal to it. Did you mean"),
    ("'OK' == outcome || outcome == 'FAILED'", "Did you mean SUCCESS?"),
    ("isIn(stepOutcome_a, 'WARNING', 'EMPTY')", "Did you mean WARNING?"),
    ("outcome.isIn(['FAILED', 'WARN'])", "Did you mean WARNING?"),
    ('variables["stepOutcome_a"] == "warning"', "Did you mean WARNING?"),
    ("stepResult_a.outcome == 'DONE'", "Did you mean SUCCESS?"),
    ("stepOutcomes['a'] == 'x'", "There are SUCCESS, WARNING, FAILED, ABORTED."),
    ("'${stepOutcome_a}' == 'FAIL'", "Did you mean FAILED?"),
    ("outcome == 1", "'1' is no outcome"),
])  # fmt: skip
def test_a_word_that_is_no_outcome_is_refused_beside_one(condition, right):
    ((field, message),) = found(clear(name="a"), when(condition))
    assert field == "steps.1.run_if.condition"
    assert right in message


@pytest.mark.parametrize("condition", [
    "outcome == 'FAILED' || stepOutcome_a != 'ABORTED'",
    "stepOutcome_a == null", "stepOutcome_a == '${wanted}'", "stepOutcome_a == outcome", "isIn(outcome, 'FAILED')",
    "lower(outcome) == 'failed'", "scenarioName == 'FAIL'", "stepOutput_a.outcome == 'ERROR'",
])  # fmt: skip
def test_outcomes_and_what_cannot_be_known_yet_are_fine(condition):
    assert found(clear(name="a"), when(condition)) == []


def test_conditions_of_reporters_are_looked_at_too():
    reporter = {"type": "mail", "to": "a@example.org", "when": "outcome == 'FAIL'"}
    ((field, message),) = found(clear(), reporters=[reporter])
    assert (field, "FAILED" in message) == ("reporters.0.when", True)


def test_a_step_is_proposed_by_the_word_a_formula_can_hold():
    ((_, message),) = found(clear(name="My step!"), when("stepOutcome_My_ste == 'FAILED'"))
    assert message == "No step is called 'My_ste'. Did you mean My_step?"
