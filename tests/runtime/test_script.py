"""Python scenarios: what a script does shows up as parts of the run, and is never done twice."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from penstock.core.outcome import Outcome
from penstock.core.scenario import LEASE
from penstock.runtime import asking, lease, scenarios, stepping
from penstock.testing import fill
from tests.runtime.acts import BADLY, KEY, WELL, a_scenario, a_script, a_stage, run, steps, when

HEAD = "from penstock.scenario import Scenario, StepFailed\ns = Scenario()\n"
FLOW = {
    "datasets/raw": {"type": "managed"},
    "datasets/copied": {"type": "managed"},
    "recipes/copy": {"type": "sql", "inputs": ["raw"], "output": "copied", "body": "SELECT n FROM raw"},
}


@pytest.mark.requirement("A89")
def test_each_thing_a_script_does_is_a_step_of_the_run(tmp_path):
    node = a_stage(tmp_path, FLOW)
    fill(node, "raw", n=[1, 2])
    code = f"""{HEAD}
built = s.build("copied", name="Build it")
assert built.outcome == "SUCCESS" and len(built.jobs) == 1, built
found = s.sql("SELECT sum(n) FROM copied").output["rows"]
assert found == [[3]], found
s.compute_metrics("copied")
s.clear("copied")
s.set_project_variables(total=found[0][0])
assert [step.name for step in s.steps()][0] == "Build it"
"""
    a_script(node, "s", code)
    done = run(node, "s")
    assert (done.outcome, done.message) == (Outcome.SUCCESS, "")
    found = scenarios.steps(node, done.id)
    assert [(s.key, s.label) for s in found] == [
        ("0", "script"), ("0.1", "Build it"), ("0.2", "sql"), ("0.3", "compute_metrics"), ("0.4", "clear"),
        ("0.5", "set_project_variables"),
    ]  # fmt: skip
    assert found[0].jobs == found[1].jobs != ()
    assert node.projects.load(KEY).settings.variables == {"total": 3}
    assert "Build it" in scenarios.log(node, done.id)


def test_a_step_that_fails_raises_and_fails_the_run_unless_told_otherwise(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "bad", BADLY)
    a_script(node, "raises", f"{HEAD}s.run_scenario('bad')\nprint('never reached')")
    done = run(node, "raises")
    assert done.outcome is Outcome.FAILED
    assert "StepFailed" in done.message
    assert "never reached" not in scenarios.log(node, done.id)
    a_script(
        node, "goes_on", f"{HEAD}done = s.run_scenario('bad', fail_fatal=False)\nprint('went', done.outcome)"
    )
    done = run(node, "goes_on")
    assert done.outcome is Outcome.WARNING
    assert "went FAILED" in scenarios.log(node, done.id)
    a_script(
        node,
        "catches",
        f"{HEAD}try:\n  s.run_scenario('bad')\nexcept StepFailed as e:\n  print('got', e.step.outcome)",
    )
    assert run(node, "catches").outcome is Outcome.WARNING


def test_a_name_that_is_taken_gets_a_number_and_variables_tell_them_apart(tmp_path):
    node = a_stage(tmp_path)
    a_script(
        node,
        "s",
        f"""{HEAD}
for n in range(3):
    s.set_variables(x=n)
names = s.get_all_variables()
assert names["stepOutput_define_variables"] == {{"x": 0}}, names
assert names["stepOutput_define_variables_3"] == {{"x": 2}}
""",
    )
    done = run(node, "s")
    assert done.message == ""
    assert list(steps(node, done)) == [
        "script", "define_variables", "define_variables 2", "define_variables 3",
    ]  # fmt: skip


def test_a_wrong_request_is_told_to_the_script_with_the_nearest_word(tmp_path):
    node = a_stage(tmp_path)
    a_script(node, "s", f"{HEAD}s.run_step({{'type': 'biuld', 'items': ['x']}})")
    assert "Did you mean build" in run(node, "s").message


def test_outside_of_a_scenario_the_api_refuses_to_work():
    code = "from penstock.scenario import Scenario\nScenario()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "not running inside a scenario" in done.stderr


@pytest.mark.requirement("A90")
def test_aborting_a_script_ends_what_it_waits_for(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "slow", {"type": "python", "code": "import time; print('asleep'); time.sleep(60)"})
    a_script(node, "s", f"{HEAD}s.run_scenario('slow')")
    done = run(node, "s", watch=when("asleep", lambda: scenarios.abort_current(node, KEY, "s")))
    assert done.outcome is Outcome.ABORTED
    assert scenarios.history(node, KEY, "slow")[0].outcome is Outcome.ABORTED


def interrupted(node: Any, code: str) -> Any:
    """The run of a script whose worker was lost when the script printed `now`; it is back on the queue."""
    a_script(node, "s", code)
    id = asking.ask(node, KEY, "s").id
    token = lease.token(node)
    first = node.scenario_runs.claim(token, node.clock.now(), LEASE, run=id)
    held = lease.Lease(node=node, run=id, owner=token)
    stepping.execute(node, first, held, watch=when("now", held.lost.set))
    assert node.scenario_runs.requeue(id, token)
    return node.scenario_runs.run(id)


WAITS_ONCE = """
import pathlib, time
mark = pathlib.Path({mark!r})
first = not mark.exists()
mark.touch()
if first:
    print("now", flush=True)
    time.sleep(60)
"""


def test_a_script_taken_on_by_another_worker_does_nothing_twice_and_sees_what_it_saw(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "child", WELL)
    code = f"""{HEAD}
for quarter in ("Q2", "Q3"):
    s.set_variables(quarter=quarter)
    assert s.get_all_variables()["quarter"] == quarter
    s.run_scenario("child", name="Run " + quarter)
{WAITS_ONCE.format(mark=str(tmp_path / "mark"))}
s.run_scenario("child", name="Run last")
"""
    left = interrupted(node, code)
    assert len(scenarios.history(node, KEY, "child")) == 2
    before = [s for s in scenarios.steps(node, left.id) if s.part]
    done = scenarios.wait(node, left.id)
    assert (done.outcome, done.message) == (Outcome.SUCCESS, "")
    after = [s for s in scenarios.steps(node, left.id) if s.part]
    assert after[:-1] == before
    assert after[-1].label == "Run last"
    assert len(scenarios.history(node, KEY, "child")) == 3


def test_a_script_that_does_something_else_the_second_time_is_told_so(tmp_path):
    node = a_stage(tmp_path)
    mark = str(tmp_path / "mark")
    code = (
        f"{HEAD}import os\ns.set_variables(x=1 if not os.path.exists({mark!r}) else 2)\n"
        + WAITS_ONCE.format(mark=mark)
    )
    done = scenarios.wait(node, interrupted(node, code).id)
    assert done.outcome is Outcome.FAILED
    assert "same things in the same order" in done.message
