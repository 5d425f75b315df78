"""What is wrong with a reporter is known when it is saved, not when the mail is needed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from penstock.core import registry, run_variables
from penstock.core.dataset import Dataset
from penstock.core.errors import InvalidDefinition
from penstock.core.folder import Folder
from penstock.core.outcome import Outcome
from penstock.core.project import Project, ProjectSettings
from penstock.core.recipe import Recipe
from penstock.core.reporter_problems import known_names
from penstock.core.scenario import Scenario
from penstock.core.scenario_problems import problems
from penstock.testing import a_node, a_project
from tests.runtime import acts
from tests.runtime.acts import a_scenario

STEPS = ({"type": "clear", "name": "MES_Warn", "items": ["inbox"]}, {"type": "clear", "items": ["inbox"]})


def found(
    *reporters: Mapping[str, Any], steps: Any = STEPS, templates: Mapping[str, str] | None = None, **more: Any
) -> list[tuple[str, str]]:
    """(field, message) of every problem of a scenario with these reporters; the project has a variable `team`."""
    scenario = registry.validate(Scenario, {"steps": list(steps), "reporters": list(reporters), **more})
    managed = registry.parse("datasets", {"type": "managed"})
    copy = registry.parse("recipes", {"type": "sync", "input": "log", "output": "made"})
    assert isinstance(managed, Dataset)
    assert isinstance(copy, Recipe)
    project = Project(
        key="P", path=Path("nowhere"), settings=ProjectSettings(variables={"team": "ml"}), scenarios={"s": scenario},
        folders={"inbox": Folder()}, datasets={"log": managed, "made": managed}, recipes={"copy": copy},
        local_variables={"office": "x"},
    )  # fmt: skip
    files = {f"templates/{name}": text for name, text in (templates or {}).items()}
    return [
        (p.field, p.problem) for p in problems(project, read=files.get, templates=sorted(templates or {}))
    ]


def mail(**settings: Any) -> dict[str, Any]:
    return {"type": "mail", "to": "ann@example.org", **settings}


def test_texts_about_the_run_its_steps_and_the_project_are_fine() -> None:
    subject = (
        'DSS "${scenarioName}" of ${projectKey}: ${outcome}, ${stepOutcome_MES_Warn}, ${stepOutcome_Step #2}'
    )
    body = (
        "${allEventsSummary} ${scenarioRunURL} ${team} ${office} ${stepOutput_MES_Warn.rows}"
        " $${literal} ${who|default:}"
        " ${if(outcome == 'FAILED', 1, 0)} ${scenarioTriggerParam_month} ${mailVariables_name} ${driftChart}"
    )
    assert found(mail(subject=subject, body=body, to=["${team}@example.org"])) == []


@pytest.mark.parametrize("engine", ["variables", "jinja"])
@pytest.mark.parametrize("field", ["subject", "body"])
def test_a_name_that_nothing_gives_a_value_is_told_with_the_nearest(engine: str, field: str) -> None:
    text = {"variables": "${scenarioNam} ended", "jinja": "{{ scenarioNam }} ended"}[engine]
    ((place, message),) = found(mail(engine=engine, **{field: text}))
    assert place == f"reporters.0.{field}"
    assert message.startswith("Nothing gives the variable 'scenarioNam' a value. Did you mean scenarioName")
    assert message.endswith("If something else does, give it a default.")


@pytest.mark.parametrize(("text", "said"), [
    ("ended ${outcome", "`${outcome` has no closing }"),
    ("${stepOutcome_MES_Wanr}", "No step is called 'MES_Wanr'. Did you mean MES_Warn?"),
    ("${if(stepOutcome_MES_Wanr == 'FAILED', 1, 0)}", "No step is called 'MES_Wanr'."),
    ("${if(outcome == 'FAIL', 1, 0)}", "'FAIL' is no outcome"),
    ("${outcome ==}", "is neither a variable nor a formula. Character 11: A value is missing here."),
    ("${nowhere.rows}", "Nothing gives the variable 'nowhere' a value."),
])  # fmt: skip
def test_every_placeholder_is_looked_at(text: str, said: str) -> None:
    ((place, message),) = found({"type": "slack", "message": text})
    assert place == "reporters.0.message"
    assert said in message


@pytest.mark.parametrize("reporter", [
    {"type": "webhook", "body": {"a": ["${teem}"]}}, {"type": "webhook", "body": "${teem}"},
    {"type": "webhook", "url": "https://example.org/${teem}"}, 
    {"type": "dataset", "dataset": "log", "columns": {"x": "${teem}"}},
    {"type": "slack", "room": "#${teem}", "engine": "jinja"}, mail(cc="${teem}"),
    mail(attachments=[{"folder": "inbox", "file": "${teem}"}]),
])  # fmt: skip
def test_texts_of_every_reporter_are_looked_at(reporter: dict[str, Any]) -> None:
    ((_, message),) = found(reporter)
    assert "Did you mean team?" in message


def test_names_that_a_script_or_a_step_sets_are_fine() -> None:
    script = {"type": "python", "code": "Scenario().set_variables(month='May')"}
    define = {"type": "define_variables", "values": {"quarter": "Q2"}}
    assert found(mail(body="${month} ${quarter}"), steps=[script, define]) == []
    assert (
        found(mail(body="${month}: ${stepOutcome_part}"), steps=[], kind="python", body="x = {'month': 1}")
        == []
    )


def test_a_message_in_the_middle_cannot_speak_of_later_steps() -> None:
    send = {
        "type": "send_message",
        "name": "tell",
        "reporter": {"type": "slack", "message": "${stepOutcome_MES_Warn}"},
    }
    assert found(steps=[*STEPS, send]) == []
    ((place, message),) = found(steps=[send, *STEPS])
    assert place == "steps.0.reporter.message"
    assert "comes later" in message


@pytest.mark.parametrize(("template", "text", "said"), [
    ("monthy.html", None, "There is no file templates/monthy.html in the project. Did you mean monthly.html?"),
    ("monthly.html", "{% if outcome %}", "templates/monthly.html: Line 1 of the template: Unexpected end"),
    ("monthly.html", "<p>{{ teem }}", "templates/monthly.html: Nothing gives the variable 'teem' a value. Did you"),
])  # fmt: skip
def test_a_template_is_read_when_the_scenario_is_saved(template: str, text: str | None, said: str) -> None:
    ((place, message),) = found(
        mail(template=template, engine="jinja"), templates={"monthly.html": text or ""}
    )
    assert place == "reporters.0.template"
    assert said in message


def test_a_jinja_template_may_ask_whether_a_name_is_there_and_set_its_own() -> None:
    text = (
        "{% set mine = 3 %}{% for c in checks %}{{ c.name }}{{ loop.index }}{% endfor %}{{ run.id }}{{ range(mine) }}"
        "{{ month | default('none') }}{% if extra is defined %}{{ extra }}{% endif %}{{ variables['x'] }}"
    )
    assert found(mail(template="a.html", engine="jinja"), templates={"a.html": text}) == []


@pytest.mark.parametrize(("attachment", "said"), [
    ({"dataset": "lgo"}, "There is no object 'lgo'. Did you mean log?"),
    ({"folder": "log"}, "'log' is a dataset; a folder belongs here."),
])  # fmt: skip
def test_what_is_attached_has_to_be_there(attachment: dict[str, str], said: str) -> None:
    ((_, message),) = found(mail(attachments=["log", attachment]))
    assert message == said


def test_a_row_is_added_only_to_a_managed_dataset_of_its_own() -> None:
    assert found({"type": "dataset", "dataset": "log"}) == []
    ((place, message),) = found({"type": "dataset", "dataset": "made"})
    assert (place, "recipe copy writes it" in message) == ("reporters.0.dataset", True)


def test_a_template_that_does_not_parse_is_told_at_its_field() -> None:
    with pytest.raises(InvalidDefinition) as caught:
        found(mail(body="{{ outcome", engine="jinja"))
    assert caught.value.field == "reporters.0.body"


def test_the_names_known_beforehand_are_those_a_run_has(tmp_path: Path) -> None:
    node = acts.a_stage(tmp_path)
    a_scenario(node, "s", acts.WELL)
    done = acts.run(node, "s")
    scenario = node.projects.load(acts.KEY).scenario("s")
    given = run_variables.of_run(done, scenario, [], Outcome.SUCCESS)
    assert {
        name for name in given if not name.startswith(("stepOutcome_", "stepResult_", "stepOutput_"))
    } == {*run_variables.OF_RUN}
    assert known_names(node.projects.load(acts.KEY)) >= {"x", "projectKey", "scenarioRunURL"}


def test_a_save_is_refused_with_line_and_field_and_knows_the_variables_of_this_node(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    a_project(node)
    reporter = mail(subject="${office} ${month} ${outcome", template="may.html")
    with pytest.raises(InvalidDefinition) as caught:
        a_scenario(node, "s", acts.WELL, reporters=[reporter])
    assert caught.value.file == "scenarios/s.yaml"
    assert caught.value.line
    node.projects.set_variables(acts.KEY, {"office": "x"}, author="ann", local=True)
    (node.config.home / "variables.yaml").write_text("month: May\n")
    told = "{type: mail, to: a@b.org, template: may.html, subject: '${office} ${month}'}"
    both = {"scenarios/s.yaml": f"reporters: [{told}]", "templates/may.html": "${outcome}"}
    node.projects.save(acts.KEY, both, author="ann", message="Both")
    with pytest.raises(InvalidDefinition, match=r"no file templates/may\.html"):
        node.projects.save(acts.KEY, {"templates/may.html": None}, author="ann", message="Gone")
