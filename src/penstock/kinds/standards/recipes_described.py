"""RecipesDescribed: recipes of code say in words what they do."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from penstock.core.standard import HOW_BAD, Finding, NotApplicable, ProjectFacts, Severity, Standard


class RecipesDescribed(Standard):
    """Every recipe of code (Python, SQL) says in words what it does and why.

    Example:
        type: recipes_described
        severity: LOW
    """

    severity: Severity = Field(default="LOW", description=HOW_BAD)

    def findings(self, facts: ProjectFacts) -> Iterator[Finding] | NotApplicable:
        code = [name for name, recipe in facts.project.recipes.items() if recipe.CATEGORY == "code"]
        return self._of(facts, code) if code else NotApplicable("The project has no recipe of code.")

    def _of(self, facts: ProjectFacts, code: list[str]) -> Iterator[Finding]:
        for name in code:
            recipe = facts.project.recipes[name]
            if not (recipe.short_description or recipe.description):
                yield Finding(text=f"Recipe {name} has no description.", object=f"recipe:{name}")
