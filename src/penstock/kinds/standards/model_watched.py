"""ModelWatched: whoever uses a model looks whether it still holds."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from penstock.core.standard import HOW_BAD, Finding, NotApplicable, ProjectFacts, Severity, Standard


class ModelWatched(Standard):
    """Every saved model is evaluated into a store, and the store has a check on drift or performance.

    Example:
        type: model_watched
        severity: HIGH
    """

    severity: Severity = Field(default="HIGH", description=HOW_BAD)

    def findings(self, facts: ProjectFacts) -> Iterator[Finding] | NotApplicable:
        models = facts.project.models
        return self._of(facts) if models else NotApplicable("The project has no model.")

    def _of(self, facts: ProjectFacts) -> Iterator[Finding]:
        for name in facts.project.models:
            stores = _stores(facts, name)
            if not stores:
                yield Finding(text=f"No recipe evaluates model {name} into a store.", object=f"model:{name}")
            elif not any(facts.project.evaluation_stores[store].checks for store in stores):
                said = f"No store of model {name} has a check: {', '.join(stores)}."
                yield Finding(text=said, object=f"model:{name}")


def _stores(facts: ProjectFacts, model: str) -> list[str]:
    there = facts.project.evaluation_stores
    return sorted(
        item for recipe in facts.project.recipes.values() if model in recipe.reads
        for item in recipe.writes if item in there
    )  # fmt: skip
