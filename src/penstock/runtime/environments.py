"""Code environments of the node: ask for one, build it, see what is in it and who uses it; which one code runs in."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core import archive, registry, virtual_environment
from penstock.core.environment import (
    BUILTIN,
    EnvironmentBuild,
    EnvironmentDefinition,
    EnvironmentVersion,
    check_environment_name,
    requirements,
)
from penstock.core.errors import Conflict, NotFound, NotReady, PenstockError, Refused
from penstock.runtime import audit
from penstock.runtime.environment_builds import begin, build_version
from penstock.runtime.environment_usages import EnvironmentUsage, chosen

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentShown:
    """A code environment: what was asked for, what is installed, and how its last build went."""

    name: str
    definition: EnvironmentDefinition
    version: EnvironmentVersion | None
    """What code runs in; None before the first build ended well."""
    versions: tuple[EnvironmentVersion, ...]
    build: EnvironmentBuild | None
    logs: tuple[str, ...]
    state: str
    """building, failed, not built, changed (asked for something else since), ready."""


def names(node: Node) -> list[str]:
    """What code can run in: the node's own Python, and every environment."""
    return [BUILTIN, *node.environments.names()]


def list_(node: Node) -> list[EnvironmentShown]:
    """Every environment, by name."""
    return [show(node, name) for name in node.environments.names()]


def pythons(node: Node) -> list[str]:
    """Versions of Python that are on this machine."""
    return sorted(virtual_environment.interpreters(), key=lambda text: int(text.partition(".")[2]))


def show(node: Node, name: str) -> EnvironmentShown:
    """One environment. Raises NotFound with the nearest."""
    kept = node.environments
    definition, version, build = kept.definition(name), kept.version(name), kept.last_build(name)
    return EnvironmentShown(
        name=name, definition=definition, version=version, versions=tuple(kept.versions(name)), build=build,
        logs=tuple(kept.logs(name)), state=_state(definition, version, build),
    )  # fmt: skip


def create(
    node: Node, name: str, definition: Mapping[str, Any], *, by: str, background: bool = False
) -> EnvironmentShown:
    """Ask for a new environment, and build it. Raises Conflict when the name is taken."""
    if check_environment_name(name) in node.environments.names():
        raise Conflict(f"There is a code environment '{name}' already.", hint="Change that one.")
    return define(node, name, definition, by=by, background=background)


def define(
    node: Node, name: str, definition: Mapping[str, Any], *, by: str, background: bool = False
) -> EnvironmentShown:
    """Ask for an environment, or for something else in it, and build it. What code runs in stays what it is until the
    build has ended well. In the background it returns at once."""
    wanted = registry.validate(EnvironmentDefinition, definition)
    node.environments.save(name, wanted)
    audit.note(node, "environment-define", object=f"environment:{name}", by=by)
    return build(node, name, by=by, background=background)


def build(node: Node, name: str, *, by: str, background: bool = False) -> EnvironmentShown:
    """Install anew what is asked for. Raises Conflict while it is being built; Failed, when it waits for the end."""
    begun = begin(node, name, by=by)
    if background:
        threading.Thread(target=_in_background, args=(node, name, begun), daemon=True).start()
    else:
        build_version(node, name, begun)
    return show(node, name)


def delete(node: Node, name: str, *, by: str) -> None:
    """Remove an environment with all its versions. Raises Refused, naming them, while anything uses it."""
    node.environments.definition(name)
    used = usages(node, name)
    if used:
        told = ", ".join(f"{u.sort} {u.name} of {u.project}" for u in used[:5])
        raise Refused(f"Code environment {name} is used by {told}{' …' if len(used) > 5 else ''}.",
                      hint="Choose another one there first.")  # fmt: skip
    with node.environments.turn(name):
        node.environments.delete(name)
    audit.note(node, "environment-delete", object=f"environment:{name}", by=by)


def usages(node: Node, name: str) -> list[EnvironmentUsage]:
    """Everything whose code runs in it, in every project. Raises NotFound."""
    node.environments.definition(name)
    return [u for key in node.projects.keys() for u in _usages(node, node.projects.load(key), name)]  # noqa: SIM118


def log(node: Node, name: str, id: str = "") -> str:
    """What a build said, the last one unless told."""
    there = node.environments.logs(name)
    if id and id not in there:
        raise NotFound("log", id, among=there, where=f"code environment {name}")
    if not there:
        return ""
    return node.environments.log(name, id or there[0]).read_text(encoding="utf-8", errors="replace")


def archived(node: Node, name: str) -> Path:
    """A zip with `requirements.txt`, what was asked for, and what is installed."""
    shown = show(node, name)
    asked = shown.version.requested if shown.version else shown.definition.packages
    installed = shown.version.actual if shown.version else ()
    told = {
        "name": name, "language": "python", "python": shown.version.python if shown.version else "",
        "description": shown.definition.description, "base": list(shown.version.base) if shown.version else [],
    }  # fmt: skip
    target = node.environments.log(name, "").with_name(f"{name}.zip")
    archive.write(target, {
        "requirements.txt": requirements(asked).encode(), "desc.json": json.dumps(told, indent=1).encode(),
        "spec/requirements.txt": requirements(asked).encode(),
        "actual/requirements.txt": requirements(installed).encode(),
    })  # fmt: skip
    return target


def of_project(node: Node, project: str) -> list[EnvironmentShown]:
    """The environments that code of a project runs in, for everybody who may read it."""
    local = {local_name(node, project, name) for name in named(node.projects.load(project))}
    return [show(node, name) for name in sorted(local) if name in node.environments.names()]


def named(project: Project) -> list[str]:
    """The environments that a project names, other than the node's own."""
    return sorted({name for _, name in chosen(project)})


def in_project(node: Node, project: str, name: str) -> EnvironmentShown:
    """One of them. Raises NotFound for one that the project does not use."""
    among = {shown.name: shown for shown in of_project(node, project)}
    if name not in among:
        raise NotFound("code environment", name, among=among, where=f"project {project}")
    return among[name]


def archived_of_project(node: Node, project: str, name: str) -> Path:
    """The zip of one of them."""
    return archived(node, in_project(node, project, name).name)


def version_for(node: Node, name: str, project: str) -> EnvironmentVersion:
    """The version that code of a project runs in: on a node that runs bundles, the one of its bundle. Raises NotReady
    before there is one."""
    fixed = _fixed(node, project).get(name)
    local = local_name(node, project, name)
    if local not in node.environments.names():
        raise NotReady(
            f"Code environment {local} is not here.",
            hint=f"Create it: penstock environment create {local} (of {', '.join(names(node))} there are).",
        )
    found = node.environments.version(local, fixed["version"] if fixed else "")
    if found is None:
        raise NotReady(f"Code environment {local} is not built.", hint=f"penstock environment build {local}")
    return found


def local_name(node: Node, project: str, name: str) -> str:
    """What an environment that a project names is called here."""
    told = node.bundles.record(project, "active") or {}
    fixed = dict(told.get("environments") or {}).get(name)
    renamed = dict(told.get("settings") or {}).get("environments") or {}
    return str(fixed["name"] if fixed else renamed.get(name, name))


def interpreter(node: Node, project: Project, chosen: str = "") -> Path | None:
    """The Python that code runs in: of the environment that it names, else of the project's; None for the node's own.
    Raises NotReady when that one is not built."""
    name = chosen or project.settings.code_environment
    if not name or name == BUILTIN:
        return None
    version = version_for(node, name, project.key)
    return node.environments.interpreter(local_name(node, project.key, name), version.id)


def _state(
    definition: EnvironmentDefinition, version: EnvironmentVersion | None, build: EnvironmentBuild | None
) -> str:
    if build is not None and build.state != "DONE":
        return "building" if build.state == "RUNNING" else "failed"
    if version is None:
        return "not built"
    return "ready" if version.requested == definition.packages else "changed"


def _in_background(node: Node, name: str, begun: EnvironmentBuild) -> None:
    try:
        build_version(node, name, begun)
    except PenstockError:
        return  # its log and the note of the build say so


def _fixed(node: Node, project: str) -> dict[str, dict[str, str]]:
    """Environment that the project's active bundle names → its name and version here."""
    return dict((node.bundles.record(project, "active") or {}).get("environments") or {})


def _usages(node: Node, project: Project, name: str) -> Iterator[EnvironmentUsage]:
    for usage, word in chosen(project):
        if local_name(node, project.key, word) == name:
            yield usage
