"""Recipes that use a `${variable}` which has no value: known before anything runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from penstock.core.errors import InvalidDefinition, did_you_mean
from penstock.core.project import Project, file_of
from penstock.core.recipe import Recipe
from penstock.core.variables import NEVER_EXPANDED, needed

SETTING_STEPS = ("values", "formulas")
"""Settings of a scenario's step whose keys are variables for the recipes it builds."""


def problems(
    project: Project, known: Collection[str], *, recipes: Collection[str] | None = None
) -> list[InvalidDefinition]:
    """Every use of a variable without a value, of all recipes or of some; those with a default need none."""
    return [
        InvalidDefinition(
            f"Variable '{name}' has no value.{did_you_mean(name, known)}", file=file_of("recipe", recipe),
            field=field, hint=f"Set it with `penstock variable set {name}=VALUE`, or write `${{{name}|default:…}}`.",
        )
        for recipe in (project.recipes if recipes is None else recipes)
        for field, name in _uses(project.recipes[recipe])
        if name not in known
    ]  # fmt: skip


def set_by_scenarios(project: Project) -> frozenset[str]:
    """Variables that a step of a scenario gives a value, or a run of one brings along."""
    found: set[str] = set()
    for scenario in project.scenarios.values():
        for step in scenario.steps:
            for setting in SETTING_STEPS:
                given = getattr(step, setting, None)
                found |= set(given) if isinstance(given, Mapping) else set()
    return frozenset(found)


def _uses(recipe: Recipe) -> Iterator[tuple[str, str]]:
    for field, value in dict(iter(recipe)).items():
        is_program = field == "body" and recipe.BODY != ".sql"
        if field not in NEVER_EXPANDED and not is_program:
            for name in needed(value):
                yield field, name
