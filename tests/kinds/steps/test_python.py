from __future__ import annotations

import pytest

from penstock.core import registry
from penstock.core.errors import InvalidDefinition
from penstock.core.outcome import Outcome
from tests.runtime.acts import KEY, a_scenario, a_stage, named, run, steps

HEAD = "from penstock.scenario import Scenario\ns = Scenario()\n"


def python(code: str) -> dict[str, str]:
    return {"type": "python", "name": "p", "code": code}


def test_what_a_script_prints_is_its_log_and_what_it_sets_its_output(tmp_path):
    node = a_stage(tmp_path)
    read = {"type": "define_variables", "formulas": {"last": "stepOutput_p.months[1]"}}
    code = f"{HEAD}print('hello')\ns.set_output({{'months': ['April', 'May']}})"
    a_scenario(node, "s", python(code), named("r", read))
    done = run(node, "s")
    found = steps(node, done)
    assert found["p"].output == {"months": ["April", "May"]}
    assert found["r"].output == {"last": "May"}
    from penstock.runtime import scenarios

    assert "hello" in scenarios.log(node, done.id, "p")


def test_an_exception_fails_the_step_with_its_line(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "s", python("x = {}\nx['nothing']\n"))
    done = run(node, "s")
    assert done.outcome is Outcome.FAILED
    assert "KeyError: 'nothing'" in done.message


def test_what_a_script_defines_is_seen_by_later_steps_and_reads_earlier_ones(tmp_path):
    node = a_stage(tmp_path)
    before = {"type": "define_variables", "name": "before", "values": {"a": 1}}
    code = (
        f"{HEAD}names = s.get_all_variables()\n"
        "assert names['stepOutcome_before'] == 'SUCCESS', names\n"
        "assert s.get_previous_steps_outputs() == [{'stepName': 'before', 'result': {'a': 1}}]\n"
        "s.set_variables(b=names['a'] + 1)\n"
        "assert s.get_all_variables()['b'] == 2\n"
        "assert s.get_trigger_type() == 'manual' and s.get_trigger_params() == {'k': 'v'}\n"
    )
    after = {"type": "define_variables", "name": "after", "formulas": {"c": "a + b"}}
    a_scenario(node, "s", before, python(code), after)
    done = run(node, "s", params={"k": "v"})
    assert done.message == ""
    assert steps(node, done)["after"].output == {"c": 3}


def test_the_project_library_can_be_imported(tmp_path):
    node = a_stage(tmp_path)
    node.projects.save(KEY, {"lib/helpers.py": "ANSWER = 42\n"}, author="ann", message="")
    a_scenario(node, "s", python(f"import helpers\n{HEAD}s.set_output(helpers.ANSWER)"))
    assert steps(node, run(node, "s"))["p"].output == 42


def test_a_script_that_python_would_not_read_is_refused_when_it_is_written():
    with pytest.raises(InvalidDefinition, match="Line 2"):
        registry.parse("steps", python("x = 1\nif x\n"))
