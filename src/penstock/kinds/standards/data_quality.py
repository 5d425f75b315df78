"""DataQuality: what comes in and what goes out is checked."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.core.standard import Finding, NotApplicable, ProjectFacts, Standard


class DataQuality(Standard):
    """Source, final and shared datasets have data-quality rules or checks.

    Example:
        type: data_quality
    """

    def findings(self, facts: ProjectFacts) -> Iterator[Finding] | NotApplicable:
        met = [name for name in facts.met_by_others() if not facts.project.datasets[name].LIVE]
        return self._of(facts, met) if met else NotApplicable("The project has no dataset that others meet.")

    def _of(self, facts: ProjectFacts, met: list[str]) -> Iterator[Finding]:
        for name in met:
            dataset = facts.project.datasets[name]
            if not (dataset.rules or dataset.checks):
                yield Finding(text=f"Dataset {name} has no rule and no check.", object=f"dataset:{name}")
