"""Guards: what use cases check of their caller by themselves, whichever door was used.

Faces check the permission of a route. What a route cannot see – to which project a job belongs, as whom a scenario
would run – is checked here. Without a caller it is the node's own doing, and trusted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from penstock.core import shipped
from penstock.core.access import Identity, Permission, Right, code_in
from penstock.core.bundle_diff import object_of
from penstock.core.errors import ConnectionNotAllowed, MadeOnDesignNode, NotAllowed
from penstock.core.kind import walk
from penstock.core.names import connections_in
from penstock.core.project import FOLDERS, SETTINGS_FILE, ProjectSettings, file_of
from penstock.runtime import caller, people

if TYPE_CHECKING:
    from pathlib import Path

    from penstock.core.kind import Definition
    from penstock.core.node import Node
    from penstock.core.ports import Projects
    from penstock.core.project import Project


def require(node: Node, permission: Permission, project: str = "") -> None:
    """Raise NotFound, NotSignedIn or NotAllowed unless the caller, if there is one, may do this in a project."""
    who = asking()
    if who is not None:
        people.require(node, who, permission, project)


def may(node: Node, permission: Permission, project: str = "") -> bool:
    """Whether the caller may do this; always for the node's own doing."""
    who = asking()
    return who is None or people.may(node, who, permission, project)


def asking() -> Identity | None:
    """Who the caller is; None for the node's own doing."""
    present = caller.present()
    return present.who if present is not None else None


def check_run(node: Node, project: Project, scenario: str) -> None:
    """Raise NotAllowed unless the caller may run a scenario: with only `run scenarios`, one that says as whom it
    runs; with only dashboards, one that is authorised to be run."""
    who = asking()
    if who is None or people.may(node, who, Permission.WRITE, project.key):
        return
    if not people.may(node, who, Permission.RUN, project.key):
        people.check_authorised(node, who, project.key, "scenario", scenario, Right.RUN)
    if not project.scenario(scenario).run_as:
        raise NotAllowed(
            f"{who.name or who.login} may run only scenarios that say as whom they run, and {scenario} does not.",
            permission=Permission.WRITE, hint="Ask an administrator to set run_as of the scenario.",
        )  # fmt: skip


class GuardedProjects:
    """The Projects port, for callers with rights: one door for every page, verb and helper that changes definitions.

    Without a caller everything goes straight on.
    """

    def __init__(self, projects: Projects, node: Callable[[], Node]) -> None:
        self._projects, self._node = projects, node

    def __getattr__(self, name: str) -> Any:
        return getattr(self._projects, name)

    def save(self, key: str, definitions: Mapping[str, Definition | str | bytes | None], **words: Any) -> str:
        """Write files as one commit. Raises NotAllowed for files the caller may not change, or code."""
        if asking() is not None:
            self.check(key, definitions)
            self._check_made_here(key, definitions)
        return self._projects.save(key, definitions, **words)

    def rename(self, key: str, old: str, new: str, **words: Any) -> str:
        self._require(Permission.WRITE, key)
        self._check_own(key, old)
        return self._projects.rename(key, old, new, **words)

    def revert(self, key: str, commit: str, **words: Any) -> str:
        """Bring files back; old code is code, too."""
        self.check_whole(key)
        return self._projects.revert(key, commit, **words)

    def set_variables(self, key: str, values: Mapping[str, Any], **words: Any) -> None:
        self._require(Permission.WRITE, key)
        self._projects.set_variables(key, values, **words)

    def delete(self, key: str) -> None:
        self._require(Permission.ADMIN, key)
        self._projects.delete(key)

    def create(self, key: str, **words: Any) -> Project:
        self._require(Permission.CREATE_PROJECTS)
        return self._projects.create(key, **words)

    def add(self, folder: Path, **words: Any) -> Project:
        """Take in a folder. It may hold code, which an importer who may not write any does not bring in."""
        self._require(Permission.CREATE_PROJECTS)
        self._require(Permission.WRITE_CODE)
        return self._projects.add(folder, **words)

    def check_whole(self, key: str) -> None:
        """Raise unless the caller may change everything of a project, code included."""
        self._require(Permission.WRITE, key)
        self._check_own(key, "")
        self._require(Permission.WRITE_CODE)

    def _require(self, permission: Permission, project: str = "") -> None:
        require(self._node(), permission, project)

    def check(self, key: str, definitions: Mapping[str, Definition | str | bytes | None]) -> None:
        """Raise unless the caller may change these files so."""
        before = self._projects.load(key)
        files = _by_file(before)
        for file, after in definitions.items():
            for permission in _needed(file, files.get(file), after):
                self._require(permission, key)
            if not code_in(file, after) <= code_in(file, files.get(file)):
                self._require(Permission.WRITE_CODE)
            for connection in sorted({name for name, _ in _sent(after) - _sent(files.get(file))}):
                self._check_connection(connection)

    def _check_made_here(self, key: str, definitions: Mapping[str, Definition | str | bytes | None]) -> None:
        """Raise MadeOnDesignNode for what came with a bundle and is not this node's to change."""
        came = arrived(self._node(), key)
        if came is None:
            return
        before = _by_file(self._projects.load(key))
        for file, after in definitions.items():
            if not shipped.may_change(file, before.get(file), after, came["files"]):
                _, name = object_of(file)
                raise MadeOnDesignNode(name or file, project=key, bundle=came["bundle"])

    def _check_own(self, key: str, name: str) -> None:
        """The same for an object by its name; an empty one means everything."""
        came = arrived(self._node(), key) if asking() is not None else None
        if came is None:
            return
        project = self._projects.load(key)
        if name not in project.scenarios or not shipped.is_own(file_of("scenario", name), came["files"]):
            raise MadeOnDesignNode(name or "Everything", project=key, bundle=came["bundle"])

    def _check_connection(self, name: str) -> None:
        """Raise ConnectionNotAllowed for a connection that the caller may not use. One that is not there is told when
        it is used."""
        who, node = asking(), self._node()
        if who is None or who.is_administrator or name not in node.connections.names():
            return
        if not node.connections.get(name).allows(who.login, tuple(who.groups)):
            raise ConnectionNotAllowed(name, user=who.name or who.login)


def check_whole(node: Node, project: str) -> None:
    """Raise NotAllowed, MadeOnDesignNode unless the caller may change everything of a project, code included."""
    GuardedProjects(node.projects, lambda: node).check_whole(project)


def check_changes(node: Node, project: str, files: Mapping[str, bytes | None]) -> None:
    """Raise NotAllowed, ConnectionNotAllowed unless the caller may change files so."""
    if asking() is not None:
        GuardedProjects(node.projects, lambda: node).check(project, files)


def arrived(node: Node, project: str) -> Mapping[str, Any] | None:
    """What is known of the bundle whose state a project has, on a node that runs bundles; None for a project that was
    made here."""
    if node.config.role != "automation" or not project:
        return None
    return node.bundles.record(project, "active")


LISTS = {"authorised": Permission.AUTHORISE, "shared": Permission.SHARE}
"""Settings of a project that somebody else than its writers may change."""


def guarded(projects: Projects, node: Callable[[], Node]) -> Projects:
    """The port with its guards; `node` is asked for when the first caller comes."""
    return cast("Projects", GuardedProjects(projects, node))


def _sent(definition: Definition | str | bytes | None) -> set[tuple[str, str]]:
    """The connections that a definition, or the text of one, names, each with every SQL that it may be sent."""
    if isinstance(definition, bytes):
        definition = definition.decode("utf-8", errors="replace")
    if isinstance(definition, str):
        text = definition
        return {(name, text) for name in re.findall(r"\bconnection[\"']?\s*:\s*[\"']?(\w+)", text)}
    if definition is None:
        return set()
    fields = ((path, value) for path, value, _ in walk(definition) if isinstance(value, str) and value)
    queries = ["", *(value for path, value in fields if path[-1] in ("query", "aggregate", "sql"))]
    return {(name, query) for _, name in connections_in(definition) for query in queries}


def _needed(file: str, before: Definition | None, after: Definition | str | bytes | None) -> set[Permission]:
    """What it takes to change a file: dashboards have writers of their own, and so have the lists of what is
    authorised on them and of what other projects read."""
    if file.startswith("dashboards/"):
        return {Permission.WRITE_DASHBOARDS}
    if file != SETTINGS_FILE or not isinstance(after, ProjectSettings) or before is None:
        return {Permission.WRITE, *(LISTS.values() if file == SETTINGS_FILE else ())}
    now = dict(before)
    changed = {name for name, value in dict(after).items() if value != now[name]}
    listed = {permission for name, permission in LISTS.items() if name in changed}
    return listed | ({Permission.WRITE} if changed - LISTS.keys() else set())


def _by_file(project: Project) -> dict[str, Any]:
    found = {
        file_of(what, name): thing for what in FOLDERS for name, thing in getattr(project, f"{what}s").items()
    }
    return {SETTINGS_FILE: project.settings, **found}
