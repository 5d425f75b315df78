"""Which code runs in which code environment: what the definitions of a project name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.core.environment import BUILTIN
from penstock.core.kind import walk

if TYPE_CHECKING:
    from penstock.core.project import Project

FIELD = "code_environment"
SORTS: Mapping[str, str] = {
    "recipes": "recipe", "scenarios": "scenario", "services": "service", "models": "model", "datasets": "dataset",
    "folders": "folder", "evaluation_stores": "evaluation store",
}  # fmt: skip
PARTS: Mapping[str, str] = {
    "steps": "scenario step", "triggers": "scenario trigger", "endpoints": "endpoint", "probes": "metric",
    "checks": "check", "rules": "rule",
}  # fmt: skip
"""List inside an object → what stands in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentUsage:
    """One thing whose code runs in an environment."""

    project: str
    sort: str
    """project, recipe, scenario step, scenario trigger, endpoint, model, metric …"""
    name: str
    part: str = ""
    """The step, endpoint … inside the object."""


def chosen(project: Project) -> Iterator[tuple[EnvironmentUsage, str]]:
    """Everything that names an environment, and which."""
    if own := project.settings.code_environment:
        yield EnvironmentUsage(project=project.key, sort="project", name=project.key), own
    for group, sort in SORTS.items():
        for name, thing in getattr(project, group).items():
            for path, value, _ in walk(thing):
                if path[-1] == FIELD and value and value != BUILTIN:
                    place = next((PARTS[str(word)] for word in path if word in PARTS), sort)
                    part = _part(thing, path) if place != sort else ""
                    yield EnvironmentUsage(project=project.key, sort=place, name=name, part=part), str(value)


def _part(thing: Any, path: Sequence[str | int]) -> str:
    """What the step or endpoint inside an object is called, or the number it has."""
    inner: Any = thing
    for word in path[:-1]:
        inner = getattr(inner, word) if isinstance(word, str) and hasattr(inner, word) else inner[word]
    number = next((word for word in reversed(path) if isinstance(word, int)), 0)
    return str(getattr(inner, "name", "") or number + 1)
