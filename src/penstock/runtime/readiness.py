"""Readiness: what this node lacks so that the reporters of a scenario can send; the project itself may be sound."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from penstock.core.errors import InvalidDefinition, PenstockError, Refused, did_you_mean
from penstock.core.project import file_of
from penstock.core.reporter_problems import reporters
from penstock.runtime import delivering, identity

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project
    from penstock.core.reporter import Flaw, Reporter


def of_project(node: Node, project: str) -> list[InvalidDefinition]:
    """What is missing here for any scenario of a project."""
    loaded = node.projects.load(project)
    return [lack for name in sorted(loaded.scenarios) for lack in lacks(node, loaded, name)]


def of_scenario(node: Node, project: str, scenario: str) -> list[InvalidDefinition]:
    """What is missing here for one scenario. Raises NotFound with the nearest name."""
    return lacks(node, node.projects.load(project), scenario)


def lacks(node: Node, project: Project, name: str) -> list[InvalidDefinition]:
    """Channels and secrets that the reporters of a scenario need and this node does not have, each with its field;
    reporters that are switched off need nothing."""
    return [
        InvalidDefinition(message, file=file_of("scenario", name), field=".".join(map(str, (*path, *inner))))
        for path, reporter in reporters(project.scenario(name)) if reporter.active
        for inner, message in (*_of_channel(node, project, name, reporter), *_of_secrets(node, project, reporter))
    ]  # fmt: skip


def _of_channel(node: Node, project: Project, scenario: str, reporter: Reporter) -> Iterator[Flaw]:
    type, named = reporter.through, str(getattr(reporter, "channel", ""))
    if not type:
        return
    if not named:
        there = _of_type(node, type)
        if not there:
            yield ("channel",), f"There is no channel of type {type} on this node."
        elif len(there) > 1:
            yield ("channel",), f"Which one? There are {', '.join(there)} of type {type} on this node."
        named = there[0] if len(there) == 1 else ""
    if named:
        yield from _of_named(node, project, scenario, (type, named))


def _of_named(node: Node, project: Project, scenario: str, wanted: tuple[str, str]) -> Iterator[Flaw]:
    type, name = wanted
    if name not in node.connections.names():
        yield (
            ("channel",),
            f"There is no channel '{name}' on this node.{did_you_mean(name, _of_type(node, type))}",
        )
        return
    try:
        channel = node.connections.get(name)
    except PenstockError as error:
        yield ("channel",), f"Channel {name} of this node cannot be read: {error}"
        return
    if channel.kind_name() != type:
        yield (
            ("channel",),
            f"Channel {name} of this node is of type {channel.kind_name()}; this needs {type}.",
        )
    who = _run_as(node, project, scenario)
    if who and not channel.allows(who):
        yield ("channel",), f"{who}, whom the scenario runs as, may not use channel {name}."
    for secret in sorted(delivering.secrets_of(channel) - set(node.secrets.names())):
        yield ("channel",), f"Channel {name} needs a secret: `penstock channel secret put {secret}`."


def _of_secrets(node: Node, project: Project, reporter: Reporter) -> Iterator[Flaw]:
    """Those that its own settings name."""
    for secret in sorted(delivering.secrets_of(reporter)):
        if not secret.startswith(f"{project.key}."):
            yield (
                (),
                f"It may not use the secret '{secret}': those of this project are called {project.key}.<name>.",
            )
        elif secret not in node.secrets.names():
            yield (), f"It needs a secret: `penstock channel secret put {secret}`."


def _of_type(node: Node, type: str) -> list[str]:
    return [name for name in node.connections.names() if _type_of(node, name) == type]


def _type_of(node: Node, name: str) -> str:
    try:
        return node.connections.get(name).kind_name()
    except PenstockError:
        return ""


def _run_as(node: Node, project: Project, scenario: str) -> str:
    """As whom it would run; empty when nobody can, which is told elsewhere."""
    try:
        return identity.run_as(node, project, scenario)
    except Refused:
        return ""
