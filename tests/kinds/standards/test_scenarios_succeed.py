"""ScenariosSucceed: what runs by itself does not fail by itself."""

from __future__ import annotations

from penstock.core.outcome import Outcome
from tests.kinds.standards.given import facts, found

DAILY = {"triggers": [{"type": "time", "every": "1 day"}]}


def test_a_scenario_with_a_trigger_that_failed_last_is_named() -> None:
    outcomes = {"a": Outcome.FAILED, "b": Outcome.WARNING, "c": Outcome.FAILED}
    given = facts(scenarios={"a": DAILY, "b": DAILY, "c": {}}, outcomes=outcomes)
    assert found("scenarios_succeed", given) == ["The last run of scenario a failed."]


def test_before_any_run_it_says_nothing() -> None:
    assert found("scenarios_succeed", facts(scenarios={"a": DAILY})) == ["not applicable"]
