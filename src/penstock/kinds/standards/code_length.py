"""CodeLength: recipes of code stay short."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from penstock.core.standard import HOW_BAD, Finding, NotApplicable, ProjectFacts, Severity, Standard


class CodeLength(Standard):
    """No recipe of code is longer than a person reads in one go; what many use belongs into the project's library.

    Example:
        type: code_length
        maximum: 200
    """

    severity: Severity = Field(default="LOWEST", description=HOW_BAD)
    maximum: int = Field(default=200, ge=1, description="Lines that are not empty.")

    def findings(self, facts: ProjectFacts) -> Iterator[Finding] | NotApplicable:
        code = {n: str(getattr(r, "body", "")) for n, r in facts.project.recipes.items() if r.BODY}
        return self._of(code) if code else NotApplicable("The project has no recipe of code.")

    def _of(self, code: dict[str, str]) -> Iterator[Finding]:
        for name, body in code.items():
            lines = sum(bool(line.strip()) for line in body.splitlines())
            if lines > self.maximum:
                said = f"Recipe {name} has {lines} lines; {self.maximum} are enough."
                yield Finding(text=said, object=f"recipe:{name}")
