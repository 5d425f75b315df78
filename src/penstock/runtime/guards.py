"""Guards: what use cases check of their caller by themselves, whichever door was used.

Faces check the permission of a route. What a route cannot see – to which project a job belongs, as whom a scenario
would run – is checked here. Without a caller it is the node's own doing, and trusted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.core.access import Identity, Permission, Right
from penstock.core.errors import NotAllowed
from penstock.runtime import caller, people

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project


def require(node: Node, permission: Permission, project: str) -> None:
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


def check_code(node: Node, project: str, before: object, after: object) -> None:
    """Raise NotAllowed when the caller changes code that runs on this machine and may not write code."""
    if before != after and not may(node, Permission.WRITE_CODE, project):
        who = asking()
        raise NotAllowed(
            f"{who and (who.name or who.login)} may not write code.", permission=Permission.WRITE_CODE,
            hint="An administrator can give “write code”, through a group.",
        )  # fmt: skip
