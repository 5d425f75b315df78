from __future__ import annotations

import pytest

from penstock.runtime import variables
from tests.runtime.acts import KEY, a_scenario, a_stage, named, run, steps


def levels(node: object) -> dict[str, tuple[object, str]]:
    return {level.name: (level.value, level.level) for level in variables.levels(node, KEY)}  # type: ignore[arg-type]


@pytest.mark.requirement("A72")
def test_values_stay_after_the_run_as_a_commit_of_its_user(tmp_path):
    node = a_stage(tmp_path)
    node.projects.set_variables(KEY, {"kept": 1}, author="ann")
    step = {"type": "set_project_variables", "values": {"start": "2018-01-01"},
            "formulas": {"stop": "inc(asDate(start), 3, 'months')"}}  # fmt: skip
    a_scenario(node, "s", named("set", step), author="ben")
    done = run(node, "s")
    assert done.run_as == "ben"
    assert levels(node)["kept"] == (1, "project")
    assert levels(node)["start"] == ("2018-01-01", "project")
    assert str(levels(node)["stop"][0]).startswith("2018-04-01")
    assert node.projects.history(KEY, "project.yaml")[0].author.startswith("ben")


def test_later_steps_see_the_new_value(tmp_path):
    node = a_stage(tmp_path)
    step = {"type": "set_project_variables", "values": {"a": 2}}
    read = {"type": "define_variables", "formulas": {"b": "a + 1"}}
    a_scenario(node, "s", step, named("r", read))
    assert steps(node, run(node, "s"))["r"].output == {"b": 3}


def test_local_values_are_of_this_node_only(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "s", {"type": "set_project_variables", "values": {"a": 2}, "local": True})
    run(node, "s")
    assert levels(node)["a"] == (2, "local")
    assert "a" not in node.projects.load(KEY).settings.variables
