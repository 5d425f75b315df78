"""ScenarioComplete: something runs the project by itself, and somebody hears of it."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.core.outcome import Outcome
from penstock.core.scenario import Scenario
from penstock.core.standard import Finding, ProjectFacts, Standard


class ScenarioComplete(Standard):
    """One scenario at least has a trigger and a reporter, and its last run went well.

    Example:
        type: scenario_complete
        severity: HIGH
    """

    def findings(self, facts: ProjectFacts) -> Iterator[Finding]:
        scenarios = facts.project.scenarios
        if not scenarios:
            yield Finding(text="The project has no scenario.")
            return
        lacks = {name: _lacks(name, scenario, facts) for name, scenario in scenarios.items()}
        if all(lacks.values()):
            name = min(lacks, key=lambda n: len(lacks[n]))
            said = (
                f"No scenario has all three. Nearest is {name}, which has no {' and no '.join(lacks[name])}."
            )
            yield Finding(text=said, object=f"scenario:{name}")


def _trigger(scenario: Scenario) -> str:
    return "trigger that is switched on" if scenario.triggers else "trigger"


def _lacks(name: str, scenario: Scenario, facts: ProjectFacts) -> list[str]:
    found = {
        _trigger(scenario): any(t.active for t in scenario.triggers),
        "reporter": any(r.active for r in scenario.reporters),
        "last run that went well": facts.outcomes.get(name) in (Outcome.SUCCESS, Outcome.WARNING),
    }
    return [what for what, is_there in found.items() if not is_there]
