"""ScenarioComplete: something runs the project by itself, and somebody hears of it."""

from __future__ import annotations

import pytest

from penstock.core.outcome import Outcome
from tests.kinds.standards.given import facts, found

WHOLE = {
    "triggers": [{"type": "time", "every": "1 day"}],
    "reporters": [{"type": "webhook", "channel": "here"}],
}


def test_a_project_without_a_scenario_is_found() -> None:
    assert found("scenario_complete", facts()) == ["The project has no scenario."]


def test_what_the_nearest_one_lacks_is_said() -> None:
    scenarios = {"bare": {}, "near": {"triggers": WHOLE["triggers"]}}
    told = found("scenario_complete", facts(scenarios=scenarios, outcomes={"near": Outcome.SUCCESS}))
    assert told == ["No scenario has all three. Nearest is near, which has no reporter."]


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.ABORTED])
def test_a_run_that_went_wrong_is_not_enough(outcome: Outcome) -> None:
    told = found("scenario_complete", facts(scenarios={"all": WHOLE}, outcomes={"all": outcome}))
    assert told == ["No scenario has all three. Nearest is all, which has no last run that went well."]


def test_one_with_all_three_is_enough() -> None:
    given = facts(scenarios={"bare": {}, "all": WHOLE}, outcomes={"all": Outcome.WARNING})
    assert found("scenario_complete", given) == []
