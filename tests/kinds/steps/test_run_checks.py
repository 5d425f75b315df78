from __future__ import annotations

from typing import Any

import pytest

from penstock.core.outcome import Outcome
from penstock.runtime import checks, metrics
from penstock.testing import fill
from tests.runtime.acts import KEY, a_scenario, a_stage, named, run, steps

RECORDS = "records:COUNT_RECORDS"


def rows_between(**limits: Any) -> dict[str, Any]:
    return {"type": "numeric_range", "name": "rows", "metric": RECORDS, **limits}


def a_checked(tmp_path: Any, *demands: dict[str, Any], count: int = 3) -> Any:
    node = a_stage(tmp_path, {"datasets/flights": {"type": "managed", "checks": list(demands)}})
    fill(node, "flights", n=list(range(count)))
    metrics.compute(node, KEY, "flights")
    return node


CHECK = {"type": "run_checks", "name": "c", "items": ["flights"]}


@pytest.mark.requirement("A60", "M53")
@pytest.mark.parametrize(("limits", "outcome"), [
    ({"maximum": 5}, Outcome.SUCCESS), ({"soft_maximum": 2}, Outcome.WARNING), ({"maximum": 2}, Outcome.FAILED),
])  # fmt: skip
def test_a_step_is_as_bad_as_its_worst_check(tmp_path, limits, outcome):
    node = a_checked(tmp_path, rows_between(**limits))
    a_scenario(node, "s", CHECK)
    done = run(node, "s")
    assert done.outcome is outcome
    assert len(checks.history(node, KEY, "flights")) == 1
    assert run(node, "s").outcome is outcome
    assert len(checks.history(node, KEY, "flights")) == 2


@pytest.mark.requirement("A60")
@pytest.mark.parametrize("counts", list(Outcome)[:3])
def test_a_warning_counts_as_the_step_says(tmp_path, counts):
    node = a_checked(tmp_path, rows_between(soft_maximum=2))
    a_scenario(node, "s", named("c", CHECK, warnings_as=str(counts)))
    assert run(node, "s").outcome is counts


@pytest.mark.requirement("M50")
def test_a_check_without_a_value_warns_and_never_fails_the_scenario(tmp_path):
    node = a_checked(tmp_path, {**rows_between(maximum=2), "metric": "never:COMPUTED"})
    a_scenario(node, "s", CHECK, named("next", {"type": "define_variables", "values": {"x": 1}}))
    done = run(node, "s")
    assert done.outcome is Outcome.WARNING
    assert steps(node, done)["next"].outcome is Outcome.SUCCESS
    assert "EMPTY" in steps(node, done)["c"].message


@pytest.mark.requirement("A60")
def test_later_steps_read_what_each_check_said(tmp_path):
    node = a_checked(tmp_path, rows_between(soft_maximum=2, maximum=9))
    first = f"parseJson(stepOutput_c)['{KEY}.flights_NP'].results[0]"
    read = {"type": "define_variables", "formulas": {
        "said": f"{first}.value.outcome", "why": f"{first}.value.message",
        "name": f"{first}.check.meta.label", "limit": f"toNumber({first}.check.maximum)",
    }}  # fmt: skip
    a_scenario(node, "s", CHECK, named("r", read))
    found = steps(node, run(node, "s"))
    assert found["r"].message == ""
    assert found["r"].output["said"] == "WARNING"
    assert found["r"].output["name"] == "rows"
    assert found["r"].output["limit"] == 9
    assert "3" in found["r"].output["why"]


@pytest.mark.parametrize(("number", "said"), [(1, "flights: rows: OK 3"), (4, "All 4 checks are OK.")])
def test_checks_that_pass_say_what_they_saw_or_how_many_they_are(tmp_path, number, said):
    node = a_checked(tmp_path, *({**rows_between(maximum=9), **_named(n)} for n in range(number)))
    a_scenario(node, "s", CHECK)
    assert steps(node, run(node, "s"))["c"].message == said


def _named(number):
    return {"name": f"rows {number}"} if number else {}


def test_what_every_build_judges_may_be_left_out(tmp_path):
    on_build = {**rows_between(maximum=1), "on_build": True}
    node = a_checked(tmp_path, on_build, {**rows_between(maximum=9), "name": "other"})
    a_scenario(node, "s", named("c", CHECK, skip_auto_run=True))
    done = run(node, "s")
    assert done.outcome is Outcome.SUCCESS
    (result,) = steps(node, done)["c"].output[f"{KEY}.flights_NP"]["results"]
    assert result["check"]["displayName"] == "other"


def test_what_went_wrong_is_summed_up_for_people(tmp_path):
    node = a_checked(tmp_path, rows_between(maximum=2))
    read = {"type": "define_variables", "formulas": {"all": "allEventsSummary"}, "run_if": "always"}
    a_scenario(node, "s", named("Run checks", CHECK), named("r", read))
    done = run(node, "s")
    summary = steps(node, done)["r"].output["all"]
    assert summary.startswith("FAILED Run checks: flights: rows: ERROR")
    assert done.message.startswith("Run checks: flights: rows: ERROR")
