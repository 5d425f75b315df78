"""TriggersOffHere: where people design, nothing starts by itself."""

from __future__ import annotations

from tests.kinds.standards.given import facts, found

DAILY = [{"type": "time", "every": "1 day"}]


def test_what_starts_by_itself_where_people_design_is_named() -> None:
    scenarios = {
        "on": {"active": True, "triggers": DAILY},
        "off": {"triggers": DAILY},
        "by_hand": {"active": True},
    }
    assert found("triggers_off_here", facts(scenarios=scenarios)) == ["Scenario on starts by itself here."]


def test_elsewhere_it_says_nothing() -> None:
    assert found("triggers_off_here", facts(role="automation")) == ["not applicable"]
