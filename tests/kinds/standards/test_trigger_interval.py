"""TriggerInterval: nothing starts more often than anybody needs."""

from __future__ import annotations

from penstock.core.standard import ProjectFacts
from tests.kinds.standards.given import facts, found


def timed(**trigger: str) -> ProjectFacts:
    return facts(scenarios={"s": {"triggers": [{"type": "time", **trigger}]}})


def test_one_that_starts_every_few_minutes_is_named() -> None:
    told = found("trigger_interval", timed(every="5 minutes"))
    assert [text.split(" (")[0] for text in told] == ["Scenario s starts every 5 minutes"]
    assert found("trigger_interval", timed(every="5 minutes"), minutes=5) == []


def test_the_shortest_pause_of_a_cron_counts() -> None:
    assert len(found("trigger_interval", timed(cron="0,10 7 * * *"))) == 1
    assert found("trigger_interval", timed(cron="0,20 7 * * *")) == []


def test_without_a_time_trigger_it_says_nothing() -> None:
    assert found("trigger_interval", facts()) == ["not applicable"]
