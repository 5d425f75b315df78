"""ScenariosSucceed: what runs by itself does not fail by itself."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from penstock.core.outcome import Outcome
from penstock.core.standard import HOW_BAD, Finding, NotApplicable, ProjectFacts, Severity, Standard


class ScenariosSucceed(Standard):
    """No scenario that has a trigger failed when it last ran.

    Example:
        type: scenarios_succeed
        severity: HIGH
    """

    severity: Severity = Field(default="HIGH", description=HOW_BAD)

    def findings(self, facts: ProjectFacts) -> Iterator[Finding] | NotApplicable:
        ran = {
            n: facts.outcomes[n]
            for n, s in facts.project.scenarios.items()
            if s.triggers and n in facts.outcomes
        }
        return self._of(ran) if ran else NotApplicable("No scenario with a trigger has run here.")

    def _of(self, ran: dict[str, Outcome]) -> Iterator[Finding]:
        for name, outcome in ran.items():
            if outcome == Outcome.FAILED:
                yield Finding(text=f"The last run of scenario {name} failed.", object=f"scenario:{name}")
