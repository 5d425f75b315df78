"""Variables: every level that gives `${name}` a value, and which one wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.core import variables
from penstock.core.errors import NotFound
from penstock.core.names import check_variable_name
from penstock.core.project import SETTINGS_FILE

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project


@dataclass(frozen=True, slots=True)
class Level:
    """The value a variable has in a project, and which level gave it."""

    name: str
    value: Any
    level: str


def resolve(node: Node, project: Project, run: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """One value per variable, as recipes of this project see them now."""
    return variables.levels(
        instance=node.projects.instance_variables(),
        standard=project.settings.variables,
        local=project.local_variables,
        run=run,
        project_key=project.key,
    )


def levels(node: Node, project: str) -> list[Level]:
    """Every variable with the level that won, by name."""
    loaded = node.projects.load(project)
    by_level = {
        "instance": node.projects.instance_variables(),
        "project": loaded.settings.variables,
        "local": loaded.local_variables,
    }
    found = {"projectKey": Level("projectKey", project, "automatic")}
    for level, values in by_level.items():
        found |= {name: Level(name, value, level) for name, value in values.items()}
    return [found[name] for name in sorted(found)]


def assign(node: Node, project: str, values: Mapping[str, Any], *, author: str, local: bool = False) -> None:
    """Set project variables, standard ones (in git) or local ones of this node; others stay as they are. Raises
    InvalidName for a name that is no name, or that is given: `projectKey`, `outcome` …"""
    for name in values:
        check_variable_name(name)
    node.projects.set_variables(project, values, author=author, local=local)


def remove(node: Node, project: str, names: Sequence[str], *, author: str, local: bool = False) -> None:
    """Take variables of the project away, so that the level below shows again. Raises NotFound with the nearest."""
    loaded = node.projects.load(project)
    if not local:
        loaded.check_files(SETTINGS_FILE)
    there = loaded.local_variables if local else loaded.settings.variables
    for name in names:
        if name not in there:
            level = "local variable" if local else "variable"
            raise NotFound(level, name, among=there, where=f"project {project}")
    node.projects.set_variables(project, {}, author=author, local=local, remove=names)
