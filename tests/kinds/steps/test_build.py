from __future__ import annotations

import pytest

from penstock.core import registry
from penstock.core.errors import InvalidDefinition
from penstock.core.outcome import Outcome
from penstock.runtime import jobs
from penstock.testing import fill, rows
from tests.runtime.acts import KEY, a_scenario, a_stage, named, run, steps, when

FLOW = {
    "datasets/raw": {"type": "managed"},
    "datasets/copied": {"type": "managed"},
    "folders/inbox": {},
    "recipes/copy": {"type": "sql", "inputs": ["raw"], "output": "copied", "body": "SELECT * FROM raw"},
}


def build(*items: str, **settings: object) -> dict[str, object]:
    return {"type": "build", "name": "b", "items": list(items), **settings}


@pytest.mark.requirement("A66")
def test_a_build_waits_for_its_job_and_reports_it(tmp_path):
    node = a_stage(tmp_path, FLOW)
    fill(node, "raw", n=[1, 2])
    a_scenario(node, "s", build("copied"))
    done = run(node, "s")
    assert done.outcome is Outcome.SUCCESS
    (job,) = (jobs.show(node, id) for id in steps(node, done)["b"].jobs)
    assert (job.origin, job.scenario_run, job.initiator, job.targets) == (
        "scenario",
        done.id,
        "ann",
        ("copied",),
    )
    assert rows(node, "copied") == [{"n": 1}, {"n": 2}]


def test_a_build_that_finds_everything_up_to_date_says_that_nothing_was_built(tmp_path):
    node = a_stage(tmp_path, FLOW)
    fill(node, "raw", n=[1, 2])
    a_scenario(node, "s", build("copied"))
    assert steps(node, run(node, "s"))["b"].message == ""
    again = steps(node, run(node, "s"))["b"]
    assert again.outcome is Outcome.SUCCESS
    assert again.message == "Nothing had to be built: everything was up to date."


def test_a_failed_job_makes_the_step_failed_with_its_reason(tmp_path):
    node = a_stage(tmp_path, FLOW)
    a_scenario(node, "s", build("copied"))
    done = run(node, "s")
    step = steps(node, done)["b"]
    assert step.outcome is Outcome.FAILED
    assert step.jobs[0] in step.message
    assert "raw" in step.message


def test_what_is_not_there_when_it_runs_fails_the_step(tmp_path):
    node = a_stage(tmp_path, FLOW)
    a_scenario(node, "s", build("${wanted}"))
    assert "wanted" in steps(node, run(node, "s"))["b"].message
    node.projects.set_variables(KEY, {"wanted": "copied_twice"}, author="ann")
    assert "copied_twice" in steps(node, run(node, "s"))["b"].message


@pytest.mark.requirement("A72")
def test_run_variables_reach_the_recipes_of_its_jobs_and_nobody_else(tmp_path):
    sql = {"type": "sql", "inputs": ["raw"], "output": "copied", "body": "SELECT ${factor} * n AS n FROM raw"}
    node = a_stage(tmp_path, {**FLOW, "recipes/copy": sql})
    fill(node, "raw", n=[1, 2])
    define = {"type": "define_variables", "values": {"factor": 10}}
    a_scenario(node, "s", define, build("copied"))
    assert run(node, "s").outcome is Outcome.SUCCESS
    assert rows(node, "copied") == [{"n": 10}, {"n": 20}]
    assert "factor" in jobs.build(node, KEY, ["copied"], "only", no_fail=True).error


@pytest.mark.requirement("A90")
def test_an_abort_stops_the_job_of_the_step(tmp_path):
    python = {"type": "python", "inputs": ["raw"], "outputs": ["copied"],
              "body": "import time; print('asleep', flush=True); time.sleep(60)"}  # fmt: skip
    node = a_stage(tmp_path, {**FLOW, "recipes/copy": python})
    fill(node, "raw", n=[1])
    a_scenario(
        node, "s", build("copied"), named("clean", {"type": "clear", "items": ["copied"]}, run_if="always")
    )

    def stop() -> None:
        from penstock.runtime import scenarios

        scenarios.abort_current(node, KEY, "s")

    done = run(node, "s", watch=when("asleep", stop))
    assert done.outcome is Outcome.ABORTED
    found = steps(node, done)
    assert jobs.show(node, found["b"].jobs[0]).state == "ABORTED"
    assert found["clean"].outcome is Outcome.SUCCESS


def test_an_unknown_mode_is_refused_when_it_is_written():
    with pytest.raises(InvalidDefinition, match="required"):
        registry.parse("steps", build("x", mode="requierd"))


@pytest.mark.parametrize("item", ["zone:monthly", "*", "${store}", "flights"])
def test_a_build_takes_items_zones_all_ends_and_variables(item):
    assert registry.parse("steps", build(item)).to_mapping()["items"] == [item]
