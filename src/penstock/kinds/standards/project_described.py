"""ProjectDescribed: somebody said what the project is for, and who answers for it."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from penstock.core.standard import HOW_BAD, Finding, ProjectFacts, Severity, Standard


class ProjectDescribed(Standard):
    """The home page of the project says what it is: a short description, its goals, and the people involved.

    Example:
        type: project_described
        severity: HIGH
    """

    severity: Severity = Field(default="HIGH", description=HOW_BAD)

    def findings(self, facts: ProjectFacts) -> Iterator[Finding]:
        settings = facts.project.settings
        if not (settings.short_description or settings.description):
            yield Finding(text="The project has no description.")
        if not settings.goals:
            yield Finding(text="Its goals are not written down.")
        if not settings.people:
            yield Finding(text="Nobody is named as involved.")
