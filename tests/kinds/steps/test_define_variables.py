from __future__ import annotations

import pytest

from penstock.core import registry
from penstock.core.errors import InvalidDefinition
from penstock.core.outcome import Outcome
from penstock.runtime import variables
from tests.runtime.acts import KEY, a_scenario, a_stage, named, run, steps


def define(values: object = None, formulas: object = None) -> dict[str, object]:
    given = {"values": values, "formulas": formulas}
    return {"type": "define_variables", "name": "d", **{k: v for k, v in given.items() if v is not None}}


@pytest.mark.requirement("A72")
def test_a_later_line_sees_the_earlier_ones(tmp_path):
    node = a_stage(tmp_path)
    lines = {"b": "a + 1", "c": "b * 2", "day": "trunc(asDate('2026-11-21'), 'month')", "t": "'x' + c"}
    a_scenario(node, "s", define({"a": 1}, lines))
    found = steps(node, run(node, "s"))["d"].output
    assert (found["a"], found["b"], found["c"]) == (1, 2, 4)
    assert str(found["day"]).startswith("2026-11-01")
    assert found["t"] == "x4"


@pytest.mark.requirement("A72")
def test_values_are_seen_by_later_steps_of_the_run_and_by_nothing_else(tmp_path):
    node = a_stage(tmp_path)
    later = named("later", define({"said": "${a} and ${projectKey}"}), run_if={"condition": "a == 'here'"})
    a_scenario(node, "s", define({"a": "here"}), later)
    done = run(node, "s")
    assert steps(node, done)["later"].output == {"said": f"here and {KEY}"}
    assert "a" not in {level.name for level in variables.levels(node, KEY)}
    a_scenario(node, "t", later)
    assert "'a'" in steps(node, run(node, "t"))["later"].message


def test_the_value_of_the_run_wins_over_the_projects(tmp_path):
    node = a_stage(tmp_path)
    node.projects.set_variables(KEY, {"a": "project", "b": "project"}, author="ann")
    a_scenario(node, "s", define({"a": "run"}), named("r", define({"said": "${a} ${b}"})))
    assert steps(node, run(node, "s"))["r"].output == {"said": "run project"}


@pytest.mark.parametrize(("step", "match"), [
    (define(), "at least one"), (define({"two words": 1}), "no name for a variable"),
    (define({"a": 1}, {"a": "2"}), "keep one"), (define(None, {"a": "1 +"}), "Character"),
])  # fmt: skip
def test_what_could_never_be_read_is_refused_when_it_is_written(step, match):
    with pytest.raises(InvalidDefinition, match=match):
        registry.parse("steps", step)


@pytest.mark.parametrize(("name", "value"), [
    ("outcome", "SUCCESS"), ("scenarioName", "Data drift monitor"), ("scenarioProjectKey", KEY),
    ("projectKey", KEY), ("triggerName", "manual"), ("triggerType", "manual"), ("scenarioTriggerParam_month", "May"),
    ("stepOutcome_first", "WARNING"), ("firstFailedJobName", ""), ("scenarioRunURL", ""),
])  # fmt: skip
def test_every_step_can_read_what_is_known_of_the_run(tmp_path, name, value):
    node = a_stage(tmp_path)
    bad = named("first", define(None, {"a": "nothing_there"}), proceed_on_failure=True)
    wanted = "WARNING" if name == "outcome" else value
    title = "Data drift monitor"
    a_scenario(node, "s", bad, named("r", define(None, {"found": name})), title=title)
    done = run(node, "s", params={"month": "May"})
    assert steps(node, done)["r"].output == {"found": wanted}


def test_the_link_to_the_run_needs_the_address_of_the_node(tmp_path):
    node = a_stage(tmp_path, base_url="https://ml.example.com/")
    a_scenario(node, "s", define(None, {"url": "scenarioRunURL"}))
    done = run(node, "s")
    assert steps(node, done)["d"].output["url"] == (
        f"https://ml.example.com/projects/{KEY}/scenarios/s/runs/{done.id}"
    )


def test_a_step_without_a_name_is_read_by_its_place(tmp_path):
    node = a_stage(tmp_path)
    unnamed = {"type": "define_variables", "values": {"x": 1}}
    read = {"a": 'variables["stepOutcome_Step #1"]', "b": "stepOutcome_Step_1", "c": "stepResults"}
    a_scenario(node, "s", unnamed, named("r", define(None, read)))
    done = run(node, "s")
    assert done.outcome is Outcome.SUCCESS
    output = steps(node, done)["r"].output
    assert (output["a"], output["b"]) == ("SUCCESS", "SUCCESS")
    assert output["c"]["Step #1"]["type"] == "define_variables"
    assert output["c"]["Step #1"]["start"] <= output["c"]["Step #1"]["end"]
