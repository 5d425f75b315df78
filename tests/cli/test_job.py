"""Jobs from the command line."""

from __future__ import annotations

import pytest

from .bank import Bank


def job_of(bank: Bank, item: str) -> str:
    return next(str(j["job"]) for j in bank.ok("job", "list", "--json").json if item in j["targets"])


def test_a_job_shows_its_activities_and_why_each_ran(bank: Bank) -> None:
    found = bank.ok("job", "show", job_of(bank, "scored"), "--json").json
    assert found["job"]["state"] == "DONE"
    assert [a["reason"] for a in found["activities"]] == ["never built", "never built"]
    assert bank.run("job", "show", "nobody").code == 3


@pytest.mark.requirement("A39")
def test_the_log_of_one_activity_holds_only_its_own_lines(bank: Bank) -> None:
    job = job_of(bank, "scored")
    whole, one = bank.ok("job", "log", job).out, bank.ok("job", "log", job, "score_it").out
    assert "evaluate_it" in whole
    assert one
    assert "evaluate_it" not in one
    assert bank.run("job", "log", job, "score").code == 3


def test_following_an_ended_job_prints_its_log_and_ends(bank: Bank) -> None:
    job = job_of(bank, "scored")
    assert bank.ok("job", "log", job, "--follow").out == bank.ok("job", "log", job).out


def test_an_ended_job_is_not_aborted_and_may_run_again(own: Bank) -> None:
    own.ok("flow", "build", "large", "--mode", "only", "--set", "least=150")
    job = job_of(own, "large")
    assert "had ended already" in own.ok("job", "abort", job).out
    rows = own.ok("dataset", "count", "large").out
    again = own.ok("job", "rerun", job, "--json").json["job"]
    assert again["id"] != job
    assert again["options"]["variables"] == {"least": 150}
    assert own.ok("dataset", "count", "large").out == rows
