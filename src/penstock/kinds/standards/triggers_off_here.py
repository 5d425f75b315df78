"""TriggersOffHere: where people design, nothing starts by itself."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from penstock.core.standard import HOW_BAD, Finding, NotApplicable, ProjectFacts, Severity, Standard


class TriggersOffHere(Standard):
    """On a design node no scenario has its triggers switched on; they belong to the automation node.

    Example:
        type: triggers_off_here
        severity: LOW
    """

    severity: Severity = Field(default="LOW", description=HOW_BAD)

    def findings(self, facts: ProjectFacts) -> Iterator[Finding] | NotApplicable:
        if facts.role != "design":
            return NotApplicable("This node is there to run things.")
        return self._of(facts)

    def _of(self, facts: ProjectFacts) -> Iterator[Finding]:
        for name, scenario in facts.project.scenarios.items():
            if scenario.active and any(trigger.active for trigger in scenario.triggers):
                yield Finding(text=f"Scenario {name} starts by itself here.", object=f"scenario:{name}")
