"""PrepareChain: what one prepare recipe can do is not spread over many."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from penstock.core.standard import HOW_BAD, Finding, NotApplicable, ProjectFacts, Severity, Standard


class PrepareChain(Standard):
    """No long row of prepare recipes, each on the output of the one before: one recipe with all steps is quicker.

    Example:
        type: prepare_chain
        maximum: 2
    """

    severity: Severity = Field(default="LOWEST", description=HOW_BAD)
    maximum: int = Field(default=2, ge=1, description="Prepare recipes in a row.")

    def findings(self, facts: ProjectFacts) -> Iterator[Finding] | NotApplicable:
        prepare = {n: r for n, r in facts.project.recipes.items() if r.kind_name() == "prepare"}
        if not prepare:
            return NotApplicable("The project has no prepare recipe.")
        makers = {item: name for name, recipe in prepare.items() for item in recipe.writes}
        before = {n: next((makers[i] for i in r.reads if i in makers), "") for n, r in prepare.items()}
        return self._of(before)

    def _of(self, before: dict[str, str]) -> Iterator[Finding]:
        ends = [name for name in before if name not in before.values()]
        for end in ends:
            row = _row(before, end)
            if len(row) > self.maximum:
                said = f"{len(row)} prepare recipes in a row: {', '.join(reversed(row))}."
                yield Finding(text=said, object=f"recipe:{end}")


def _row(before: dict[str, str], end: str) -> list[str]:
    """The recipes that lead to one, itself first; a circle is walked once."""
    row: list[str] = []
    while end and end not in row:
        row.append(end)
        end = before[end]
    return row
