"""ColumnsDescribed: columns that others meet have a description."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from penstock.core.standard import HOW_BAD, Finding, NotApplicable, ProjectFacts, Severity, Standard


class ColumnsDescribed(Standard):
    """Columns of source, final and shared datasets say what is in them.

    Example:
        type: columns_described
        minimum: 0.9
    """

    severity: Severity = Field(default="LOW", description=HOW_BAD)
    minimum: float = Field(default=1.0, ge=0, le=1, description="Share of the columns with a description.")

    def findings(self, facts: ProjectFacts) -> Iterator[Finding] | NotApplicable:
        met = [name for name in facts.met_by_others() if facts.schemas.get(name)]
        return (
            self._of(facts, met)
            if met
            else NotApplicable("No source, final or shared dataset has columns yet.")
        )

    def _of(self, facts: ProjectFacts, met: list[str]) -> Iterator[Finding]:
        for name in met:
            columns = facts.schemas[name]
            bare = [column.name for column in columns if not column.description]
            if len(bare) > (1 - self.minimum) * len(columns) + 1e-9:
                some = ", ".join(bare[:5]) + (" …" if len(bare) > 5 else "")
                said = f"{len(bare)} of {len(columns)} columns of {name} have no description: {some}"
                yield Finding(text=said, object=f"dataset:{name}")
