"""Scenarios as files: read, checked, saved, renamed and brought back with the rest of a project."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.core import registry
from penstock.core.errors import Conflict, InvalidDefinition, InvalidName
from penstock.core.project import Project
from penstock.core.scenario import OnCondition, Scenario
from penstock.store.projects import FileProjects

RETRAIN = """\
# weekly
title: Retrain Model
steps:
  - {type: build, name: Build MES, items: [store]}
  - type: run_checks
    name: MES_Warn
    items: [store]   # the one to watch
  - type: build
    name: Build model
    items: [model]
    run_if: {condition: "stepOutcome_MES_Warn == 'WARNING'"}
"""
FILE = "scenarios/retrain.yaml"


@pytest.fixture
def projects(tmp_path: Path) -> FileProjects:
    projects = FileProjects(tmp_path / "home")
    projects.create("P", title="", author="ann")
    save(projects, {"flow/evaluations/store.yaml": "{}", "flow/models/model.yaml": "{}", FILE: RETRAIN})
    return projects


def save(projects: FileProjects, files: dict[str, object], author: str = "ann") -> str:
    return projects.save("P", files, author=author, message="Change")  # type: ignore[arg-type]


def loaded(projects: FileProjects) -> Project:
    return projects.load("P")


def test_a_scenario_is_read_with_its_steps(projects):
    scenario = loaded(projects).scenario("retrain")
    assert scenario.labels == ["Build MES", "MES_Warn", "Build model"]
    assert isinstance(scenario.steps[2].run_if, OnCondition)
    assert projects.validate("P") == []


def test_saving_a_changed_scenario_keeps_comments_and_order(projects):
    scenario = loaded(projects).scenario("retrain").changed(active=True)
    save(projects, {FILE: scenario})
    text = projects.read("P", FILE)[0]
    assert text.startswith("# weekly\n")
    assert "# the one to watch" in text
    assert loaded(projects).scenario("retrain") == scenario


@pytest.mark.parametrize(("old", "new", "line", "field", "message"), [
    ("items: [model]", "items: [modle]", 10, "steps.2.items.0", "Did you mean model?"),
    ("stepOutcome_MES_Warn ==", "stepOutcome_MES_Worn ==", 11, "steps.2.run_if.condition", "Did you mean MES_Warn?"),
    ("== 'WARNING'", "= 'WARNING'", 11, "steps.2.run_if.condition", "Write == to compare"),
    ("type: run_checks", "type: run_check", 5, "steps.1.type", "Did you mean run_checks?"),
    ("name: MES_Warn", "nmae: MES_Warn", 6, "steps.1.nmae", "Did you mean name?"),
])  # fmt: skip
def test_what_is_wrong_is_refused_with_file_line_and_the_nearest_name(
    projects, old, new, line, field, message
):
    with pytest.raises(InvalidDefinition) as wrong:
        save(projects, {FILE: RETRAIN.replace(old, new)})
    assert (wrong.value.file, wrong.value.line, wrong.value.field) == (FILE, line, field)
    assert message in str(wrong.value)
    assert projects.read("P", FILE)[0] == RETRAIN


def test_deleting_what_a_scenario_names_is_refused(projects):
    with pytest.raises(InvalidDefinition, match="There is no object 'store'"):
        save(projects, {"flow/evaluations/store.yaml": None})


def test_every_problem_is_listed_when_a_file_was_edited_by_hand(projects):
    text = RETRAIN.replace("[store]}", "[stor]}").replace("items: [model]", "items: [modle]")
    (projects.path("P") / FILE).write_text(text)
    assert [(p.file, p.line, p.field) for p in projects.validate("P")] == [
        (FILE, 4, "steps.0.items.0"), (FILE, 10, "steps.2.items.0"),
    ]  # fmt: skip


def test_a_script_lies_beside_its_scenario(projects):
    scenario = Scenario(kind="python", body="print('hello')\n")
    save(projects, {"scenarios/walk.yaml": scenario})
    assert projects.read("P", "scenarios/walk.py")[0] == "print('hello')\n"
    assert "hello" not in projects.read("P", "scenarios/walk.yaml")[0]
    assert loaded(projects).scenario("walk") == scenario
    (projects.path("P") / "scenarios/walk.py").write_text("print('bye')\n")
    assert loaded(projects).scenario("walk").body == "print('bye')\n"
    save(projects, {"scenarios/walk.yaml": None})
    assert not (projects.path("P") / "scenarios/walk.py").exists()


def test_a_script_that_python_would_not_read_is_refused(projects):
    with pytest.raises(InvalidDefinition, match="Line 2 of the script"):
        save(projects, {"scenarios/walk.yaml": "kind: python\n", "scenarios/walk.py": "x = 1\nif x\n"})


def test_a_script_without_its_scenario_is_a_problem(projects):
    (projects.path("P") / "scenarios/lost.py").write_text("pass\n")
    assert [(p.file, p.problem) for p in projects.validate("P")] == [
        ("scenarios/lost.py", "This code belongs to no scenario; there is no lost.yaml.")
    ]


@pytest.mark.parametrize("file", ["scenarios/a/b.yaml", "scenarios/two words.yaml", "scenarios/../x.yaml"])
def test_a_scenario_has_one_place(projects, file):
    with pytest.raises(InvalidName):
        save(projects, {file: RETRAIN})


def test_a_renamed_object_is_renamed_in_scenarios(projects):
    projects.rename("P", "store", "mes_for_input_drift", author="ann")
    steps = loaded(projects).scenario("retrain").steps
    assert [step.items for step in steps[:2]] == [("mes_for_input_drift",)] * 2  # type: ignore[attr-defined]
    assert "# the one to watch" in projects.read("P", FILE)[0]
    assert projects.validate("P") == []


def test_a_renamed_scenario_is_renamed_where_it_is_called_but_not_in_other_projects(projects):
    caller = registry.validate(Scenario, {"steps": [
        {"type": "run_scenario", "scenario": "retrain"},
        {"type": "run_scenario", "scenario": "retrain", "project": "OTHER"},
    ]})  # fmt: skip
    save(
        projects,
        {"scenarios/caller.yaml": caller, "scenarios/walk.yaml": Scenario(kind="python", body="pass")},
    )
    projects.rename("P", "retrain", "retrain_model", author="ann")
    projects.rename("P", "walk", "stroll", author="ann")
    project = loaded(projects)
    assert sorted(project.scenarios) == ["caller", "retrain_model", "stroll"]
    called = [step.scenario for step in project.scenario("caller").steps]  # type: ignore[attr-defined]
    assert called == ["retrain_model", "retrain"]
    assert projects.read("P", "scenarios/stroll.py")[0] == "pass"
    with pytest.raises(Conflict):
        projects.rename("P", "stroll", "retrain_model", author="ann")


def test_a_scenario_may_be_called_like_an_object_and_renaming_either_leaves_the_other(projects):
    save(projects, {"scenarios/model.yaml": "steps: [{type: run_scenario, scenario: retrain}]\n"})
    projects.rename("P", "model", "authorized", author="ann")
    project = loaded(projects)
    assert list(project.models) == ["authorized"]
    assert "model" in project.scenarios


def test_zones_know_nothing_of_scenarios(projects):
    with pytest.raises(InvalidDefinition, match="There is no object 'retrain'"):
        save(projects, {"flow/zones.yaml": "zones: {monthly: {items: [retrain]}}\n"})
