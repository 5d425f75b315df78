"""TriggerInterval: nothing starts more often than anybody needs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from pydantic import Field

from penstock.core.standard import HOW_BAD, Finding, NotApplicable, ProjectFacts, Severity, Standard
from penstock.core.trigger import Trigger

FROM = datetime(2026, 1, 5, tzinfo=UTC)


class TriggerInterval(Standard):
    """No time trigger starts its scenario again within a few minutes.

    Example:
        type: trigger_interval
        minutes: 15
    """

    severity: Severity = Field(default="LOW", description=HOW_BAD)
    minutes: float = Field(default=15, gt=0, description="Between two starts, at least.")

    def findings(self, facts: ProjectFacts) -> Iterator[Finding] | NotApplicable:
        timed = [(n, t) for n, s in facts.project.scenarios.items() for t in s.triggers if t.SLOTS]
        return self._of(timed) if timed else NotApplicable("No scenario has a time trigger.")

    def _of(self, timed: list[tuple[str, Trigger]]) -> Iterator[Finding]:
        for name, trigger in timed:
            pause = _shortest(trigger)
            if pause is not None and pause < timedelta(minutes=self.minutes):
                said = (
                    f"Scenario {name} starts every {pause.total_seconds() / 60:g} minutes ({trigger.words})."
                )
                yield Finding(text=said, object=f"scenario:{name}")


def _shortest(trigger: Trigger) -> timedelta | None:
    """The shortest pause between its next starts; None when it starts once at most."""
    starts, after = [], FROM
    for _ in range(12):
        following = trigger.next_look(after)
        if following is None:
            break
        starts.append(following)
        after = following
    return min((b - a for a, b in pairwise(starts)), default=None)
