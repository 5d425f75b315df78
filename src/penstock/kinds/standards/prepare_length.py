"""PrepareLength: prepare recipes stay readable."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from penstock.core.standard import HOW_BAD, Finding, NotApplicable, ProjectFacts, Severity, Standard


class PrepareLength(Standard):
    """No prepare recipe has more steps than a person follows.

    Example:
        type: prepare_length
        maximum: 30
    """

    severity: Severity = Field(default="LOW", description=HOW_BAD)
    maximum: int = Field(default=30, ge=1, description="Steps of one recipe.")

    def findings(self, facts: ProjectFacts) -> Iterator[Finding] | NotApplicable:
        steps = {
            name: len(getattr(recipe, "steps", ()))
            for name, recipe in facts.project.recipes.items() if recipe.kind_name() == "prepare"
        }  # fmt: skip
        return self._of(steps) if steps else NotApplicable("The project has no prepare recipe.")

    def _of(self, steps: dict[str, int]) -> Iterator[Finding]:
        for name, count in steps.items():
            if count > self.maximum:
                said = f"Recipe {name} has {count} steps; {self.maximum} are enough."
                yield Finding(text=said, object=f"recipe:{name}")
