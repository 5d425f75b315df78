"""Triggers in words."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.core import registry
from penstock.core.trigger import Trigger


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {"type": "time", "every": "1 week", "on": ["monday"], "at": "07:00"},
            "every week on Monday at 07:00",
        ),
        ({"type": "time", "every": "15 minutes"}, "every 15 minutes"),
        (
            {"type": "time", "every": "1 month", "on": [15, "last day"], "zone": "Europe/Paris"},
            "every month on 15, last day (Europe/Paris)",
        ),
        ({"type": "time", "cron": "0 7 * * mon"}, "by the cron text 0 7 * * mon"),
        ({"type": "dataset_changed", "items": ["a", "b"]}, "when data or settings of a or b changed"),
        (
            {"type": "dataset_changed", "items": ["a", "b"], "when": "all"},
            "when data or settings of a and b changed",
        ),
        ({"type": "scenario_done", "scenario": "check"}, "after scenario check"),
        (
            {"type": "scenario_done", "scenario": "check", "project": "OTHER", "outcomes": ["FAILED"]},
            "after scenario OTHER.check ended FAILED",
        ),
        ({"type": "python", "code": "pass", "check": 60}, "when a script says so, asked every 60 s"),
        (
            {"type": "sql_changed", "query": "SELECT 1"},
            "when a query answers something else, asked every 900 s",
        ),
    ],
)
def test_a_trigger_says_in_words_what_starts_the_scenario(values: dict[str, Any], words: str) -> None:
    trigger = registry.parse("triggers", values)
    assert isinstance(trigger, Trigger)
    assert trigger.words == words
