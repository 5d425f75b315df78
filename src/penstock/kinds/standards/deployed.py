"""Deployed: the project runs somewhere, by itself."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from penstock.core.standard import HOW_BAD, Finding, ProjectFacts, Severity, Standard


class Deployed(Standard):
    """The project is deployed, and a scenario starts by itself there.

    Example:
        type: deployed
        severity: LOWEST
    """

    severity: Severity = Field(default="LOWEST", description=HOW_BAD)

    def findings(self, facts: ProjectFacts) -> Iterator[Finding]:
        if not facts.deployments:
            yield Finding(text="The project is deployed nowhere.")
        elif not any(facts.deployments.values()):
            said = "No deployment has a scenario that starts by itself"
            yield Finding(text=f"{said}: {', '.join(sorted(facts.deployments))}.")
