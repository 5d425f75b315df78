"""Settings of a project: what it says about itself, saved unless somebody else was faster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.core import registry
from penstock.core.project import SETTINGS_FILE, ProjectSettings

if TYPE_CHECKING:
    from penstock.core.node import Node


@dataclass(frozen=True, slots=True)
class Read:
    """The settings, and what is handed back when they are saved."""

    settings: ProjectSettings
    base: str
    """The hash of the file they were read from."""


def show(node: Node, project: str) -> Read:
    """The settings as the file says now."""
    return Read(node.projects.load(project).settings, node.projects.read(project, SETTINGS_FILE)[1])


def save(
    node: Node, project: str, values: Mapping[str, Any], *, author: str, base: str = ""
) -> ProjectSettings:  # fmt: skip
    """Keep the settings as one commit. Raises InvalidDefinition at its field, SaveConflict when the file changed since
    it was read (`base`)."""
    parsed = registry.validate(ProjectSettings, values)
    known = {SETTINGS_FILE: base} if base else None
    node.projects.save(
        project, {SETTINGS_FILE: parsed}, author=author, message="Settings of the project", base=known
    )
    return parsed
