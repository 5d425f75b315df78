"""ConnectionsKnown: every connection that the project names is there."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from penstock.core.standard import HOW_BAD, Finding, NotApplicable, ProjectFacts, Severity, Standard


class ConnectionsKnown(Standard):
    """Every connection that a dataset or folder names exists on this node.

    Example:
        type: connections_known
        severity: CRITICAL
    """

    severity: Severity = Field(default="CRITICAL", description=HOW_BAD)

    def findings(self, facts: ProjectFacts) -> Iterator[Finding] | NotApplicable:
        named = [
            (f"{sort}:{name}", str(getattr(item, "connection", "") or ""))
            for sort, items in (("dataset", facts.project.datasets), ("folder", facts.project.folders))
            for name, item in items.items()
        ]
        used = [(object, connection) for object, connection in named if connection]
        return self._of(facts, used) if used else NotApplicable("The project uses no connection.")

    def _of(self, facts: ProjectFacts, used: list[tuple[str, str]]) -> Iterator[Finding]:
        for object, connection in used:
            if connection not in facts.connections:
                said = f"{object.replace(':', ' ')} names connection {connection}, which is not on this node."
                yield Finding(text=said[0].upper() + said[1:], object=object)
