"""Alarm: says once, and again when it changes, which project files cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from penstock.core.errors import InvalidDefinition, PenstockError
from penstock.core.project import FOLDERS, SETTINGS_FILE
from penstock.runtime import projects

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project


def everywhere(node: Node) -> dict[str, list[str]]:
    """Project → what is wrong with its files, for projects with broken ones."""
    found = [(key, list(problems(node, key).values())) for key in projects.keys(node)]
    return {key: told for key, told in found if told}


def problems(node: Node, key: str) -> dict[str, str]:
    """File → why it cannot be read, or why an edited scenario cannot run."""
    try:
        return _of(node, node.projects.load(key))
    except PenstockError as error:
        return {SETTINGS_FILE: str(error)}


@dataclass
class Alarm:
    """Looks at the projects of a node again and again."""

    node: Node
    tell: Callable[[str], None]
    """Called with a line for each problem that is new, and one for each file that was mended."""
    known: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: dict[str, Project] = field(default_factory=dict)
    """Each project as it was last looked at; one that did not change is not looked at again."""

    def look(self) -> None:
        keys = projects.keys(self.node)
        for gone in self.known.keys() - set(keys):
            del self.known[gone]
        for key in keys:
            if self._has_changed(key):
                self._tell(key, self.known.get(key, {}), problems(self.node, key))

    def _has_changed(self, key: str) -> bool:
        try:
            project = self.node.projects.load(key)
        except PenstockError:
            return True
        before, self.seen[key] = self.seen.get(key), project
        return project is not before

    def _tell(self, key: str, before: dict[str, str], now: dict[str, str]) -> None:
        self.known[key] = now
        for file, problem in now.items():
            if before.get(file) != problem:
                self.tell(f"{key}: {problem}")
        for file in before.keys() - now.keys():
            self.tell(f"{key}: {file} is well formed again.")


def _of(node: Node, project: Project) -> dict[str, str]:
    found = [*project.problems, *_unsound(node, project.key)]
    return {problem.file: str(problem) for problem in reversed(found)}


def _unsound(node: Node, key: str) -> list[InvalidDefinition]:
    """What is wrong with scenarios that were edited by hand and never saved."""
    edited = {f for f in node.projects.uncommitted(key) if f.startswith(f"{FOLDERS['scenario']}/")}
    return [problem for problem in node.projects.validate(key) if problem.file in edited] if edited else []
