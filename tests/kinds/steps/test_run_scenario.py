from __future__ import annotations

import pytest

from penstock.core.errors import InvalidDefinition
from penstock.core.outcome import Outcome
from penstock.core.scenario import LEASE, RunState
from penstock.runtime import asking, lease, scenarios, stepping
from tests.runtime.acts import (
    BADLY,
    KEY,
    SLEEP,
    WELL,
    a_scenario,
    a_script,
    a_stage,
    named,
    run,
    steps,
    when,
)

CALL = {"type": "run_scenario", "name": "call", "scenario": "child"}


@pytest.mark.requirement("A71")
@pytest.mark.parametrize(("step", "outcome"), [
    (WELL, Outcome.SUCCESS), (named("w", BADLY, proceed_on_failure=True), Outcome.WARNING), (BADLY, Outcome.FAILED),
])  # fmt: skip
def test_the_child_runs_as_the_parents_user_and_its_outcome_is_taken_over(tmp_path, step, outcome):
    node = a_stage(tmp_path)
    a_scenario(node, "child", step, author="ben")
    a_scenario(node, "parent", CALL, author="ann")
    done = run(node, "parent")
    assert done.outcome is outcome
    (child,) = scenarios.history(node, KEY, "child")
    assert (child.outcome, child.run_as, child.asked_by, child.parent) == (outcome, "ann", "ann", done.id)
    assert (child.trigger, child.trigger_type) == ("parent", "scenario")
    assert steps(node, done)["call"].output["run"] == child.id


def test_parameters_reach_the_child(tmp_path):
    node = a_stage(tmp_path)
    read = {"type": "define_variables", "name": "r", "formulas": {"x": "scenarioTriggerParam_quarter + '!'"}}
    a_scenario(node, "child", read)
    a_scenario(node, "parent", {"type": "define_variables", "values": {"q": "Q2"}},
               {**CALL, "params": {"quarter": "${q}"}})  # fmt: skip
    run(node, "parent")
    (child,) = scenarios.history(node, KEY, "child")
    assert steps(node, child)["r"].output == {"x": "Q2!"}


@pytest.mark.requirement("A71", "A81")
def test_a_child_that_is_running_already_fails_the_step(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "child", WELL)
    a_scenario(node, "parent", CALL)
    waiting = asking.ask(node, KEY, "child")
    done = run(node, "parent")
    assert done.outcome is Outcome.FAILED
    assert "running already" in done.message
    assert scenarios.show(node, waiting.id).state is RunState.QUEUED


def test_a_scenario_that_names_itself_is_not_saved(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "child", WELL)
    with pytest.raises(InvalidDefinition, match="cannot run itself"):
        a_scenario(node, "child", CALL)


@pytest.mark.parametrize("on_conflict", ["cancel", "queue one"])
def test_a_scenario_that_calls_itself_by_a_variable_fails_instead_of_waiting_for_ever(tmp_path, on_conflict):
    node = a_stage(tmp_path)
    name = {"type": "define_variables", "values": {"who": "child"}}
    a_scenario(node, "child", name, {**CALL, "scenario": "${who}"}, on_conflict=on_conflict)
    done = run(node, "child")
    assert done.outcome is Outcome.FAILED
    assert "Scenario child cannot run itself" in done.message
    assert "child → child" in done.message
    assert "queue one" not in done.message


def test_scenarios_that_would_call_each_other_in_a_circle_are_not_saved(tmp_path):
    node = a_stage(tmp_path)
    for name in ("a", "b", "child"):
        a_scenario(node, name, WELL)
    a_scenario(node, "child", {**CALL, "scenario": "b"})
    a_scenario(node, "b", {**CALL, "scenario": "a"})
    with pytest.raises(InvalidDefinition) as refused:
        a_scenario(node, "a", WELL, CALL)
    assert (refused.value.file, refused.value.field) == ("scenarios/a.yaml", "steps.1.scenario")
    assert "a → child → b → a" in refused.value.problem
    a_scenario(node, "a", {**CALL, "enabled": False})


def test_a_circle_over_another_project_is_not_saved_either(tmp_path):
    node = a_stage(tmp_path)
    node.projects.create("OTHER", title="", author="ann")
    a_scenario(node, "child", WELL)
    back = {"type": "run_scenario", "scenario": "child", "project": KEY}
    scenarios.save(node, "OTHER", "far", {"steps": [back]}, author="ann")
    with pytest.raises(InvalidDefinition, match=f"{KEY}.child → OTHER.far → {KEY}.child"):
        scenarios.save(
            node, KEY, "child", {"steps": [{**back, "scenario": "far", "project": "OTHER"}]}, author="ann"
        )
    nowhere = {**back, "scenario": "far", "project": "NOWHERE"}
    scenarios.save(node, KEY, "child", {"steps": [nowhere]}, author="ann")


@pytest.mark.parametrize("on_conflict", ["cancel", "queue one"])
def test_scenarios_that_call_each_other_in_a_circle_fail_with_the_chain(tmp_path, on_conflict):
    node = a_stage(tmp_path)
    for name in ("first", "child", "last"):
        a_scenario(node, name, WELL, on_conflict=on_conflict)
    a_scenario(node, "first", CALL, on_conflict=on_conflict)
    a_scenario(node, "child", {**CALL, "scenario": "last"}, on_conflict=on_conflict)
    who = {"type": "define_variables", "values": {"who": "first"}}
    a_scenario(node, "last", who, {**CALL, "scenario": "${who}"}, on_conflict=on_conflict)
    done = run(node, "first")
    assert done.outcome is Outcome.FAILED
    assert "first → child → last → first" in done.message
    assert "queue one" not in done.message
    assert [len(scenarios.history(node, KEY, name)) for name in ("first", "child", "last")] == [1, 1, 1]


def test_what_the_parent_defined_is_there_in_the_child_where_its_own_definitions_win(tmp_path):
    node = a_stage(tmp_path)
    seen = {"type": "define_variables", "name": "r", "formulas": {"seen": "month + '/' + own"}}
    own = {"type": "define_variables", "name": "mine", "values": {"own": "child"}}
    a_scenario(node, "grandchild", named("deep", seen))
    a_scenario(node, "child", own, seen, {**CALL, "name": "deeper", "scenario": "grandchild"})
    mine = {"type": "define_variables", "values": {"month": "May", "own": "parent"}}
    a_scenario(node, "parent", mine, CALL, named("after", seen))
    done = run(node, "parent")
    assert done.outcome is Outcome.SUCCESS, done.message
    (child,) = scenarios.history(node, KEY, "child")
    (deep,) = scenarios.history(node, KEY, "grandchild")
    assert steps(node, child)["r"].output == {"seen": "May/child"}
    assert steps(node, deep)["deep"].output == {"seen": "May/child"}
    assert steps(node, done)["after"].output == {"seen": "May/parent"}
    assert set(steps(node, done)["call"].output) == {"project", "scenario", "run", "outcome"}


def test_what_a_script_defined_is_there_in_the_child_it_runs(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "child", named("r", {"type": "define_variables", "formulas": {"seen": "quarter"}}))
    code = (
        "from penstock.scenario import Scenario\ns = Scenario()\nfor q in ('Q2', 'Q3'):\n"
        "    s.set_variables(quarter=q)\n    s.run_scenario('child')\n"
    )
    a_script(node, "parent", code)
    assert run(node, "parent").outcome is Outcome.SUCCESS
    children = scenarios.history(node, KEY, "child")
    assert [steps(node, c)["r"].output["seen"] for c in reversed(children)] == ["Q2", "Q3"]


def test_what_a_script_runs_is_called_by_the_scenario_and_its_parameters(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "child", WELL)
    code = (
        "from penstock.scenario import Scenario\ns = Scenario()\ns.run_scenario('child', params={'quarter': 'Q3'})\n"
        "s.run_scenario('child')\ns.run_scenario('child')\n"
    )
    a_script(node, "parent", code)
    labels = [s.label for s in scenarios.steps(node, run(node, "parent").id) if s.part]
    assert labels == ["run_scenario child (Q3)", "run_scenario child", "run_scenario child 2"]


@pytest.mark.requirement("A90")
def test_aborting_the_parent_aborts_the_child_and_an_aborted_child_counts_as_failed(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "child", SLEEP)
    a_scenario(node, "parent", CALL, named("catch", WELL, run_if="some prior step failed"))
    done = run(node, "parent", watch=when("asleep", lambda: scenarios.abort_current(node, KEY, "parent")))
    assert done.outcome is Outcome.ABORTED
    assert scenarios.history(node, KEY, "child")[0].outcome is Outcome.ABORTED
    done = run(node, "parent", watch=when("asleep", lambda: scenarios.abort_current(node, KEY, "child")))
    assert done.outcome is Outcome.FAILED
    assert steps(node, done)["catch"].outcome is Outcome.SUCCESS


def test_a_scenario_that_is_not_there_is_named_when_it_is_saved(tmp_path):
    node = a_stage(tmp_path)
    a_scenario(node, "child", WELL)
    with pytest.raises(InvalidDefinition, match="Did you mean child"):
        a_scenario(node, "parent", {**CALL, "scenario": "chlid"})


def test_another_worker_goes_on_with_the_same_child(tmp_path):
    node = a_stage(tmp_path)
    sleepy = (
        f"import pathlib, time\nmark = pathlib.Path({str(tmp_path / 'mark')!r})\nfirst = not mark.exists()\n"
        "mark.touch()\nprint('asleep')\ntime.sleep(60 if first else 0)"
    )
    a_scenario(node, "child", named("done", WELL), {"type": "python", "code": sleepy})
    a_scenario(node, "parent", CALL)
    id = asking.ask(node, KEY, "parent").id
    token = lease.token(node)
    first = node.scenario_runs.claim(token, node.clock.now(), LEASE, run=id)
    held = lease.Lease(node=node, run=id, owner=token)
    stepping.execute(node, first, held, watch=when("asleep", held.lost.set))
    (child,) = scenarios.history(node, KEY, "child")
    for left in (id, child.id):
        node.scenario_runs.requeue(left, token)
    done = scenarios.wait(node, id)
    assert done.outcome is Outcome.SUCCESS
    (again,) = scenarios.history(node, KEY, "child")
    assert (again.id, again.outcome) == (child.id, Outcome.SUCCESS)
    assert steps(node, done)["call"].output["run"] == child.id
