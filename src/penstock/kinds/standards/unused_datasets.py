"""UnusedDatasets: every dataset is there for something."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from penstock.core.standard import HOW_BAD, Finding, ProjectFacts, Severity, Standard


class UnusedDatasets(Standard):
    """No dataset that nothing writes and nothing reads; shared ones, and tables of metrics, are used by others.

    Example:
        type: unused_datasets
        severity: LOW
    """

    severity: Severity = Field(default="LOW", description=HOW_BAD)

    def findings(self, facts: ProjectFacts) -> Iterator[Finding]:
        project = facts.project
        used = {item for recipe in project.recipes.values() for item in (*recipe.reads, *recipe.writes)}
        used |= {share.name for share in project.settings.shared}
        for name, dataset in project.datasets.items():
            if name not in used and not dataset.LIVE:
                yield Finding(text=f"No recipe reads or writes dataset {name}.", object=f"dataset:{name}")
