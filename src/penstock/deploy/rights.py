"""Who asks the deployer for something, and may they."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.core import deployment
from penstock.core.access import Identity, Permission
from penstock.core.deployment import DeployRight, Infrastructure, Published
from penstock.core.errors import NotAllowed
from penstock.runtime import guards, users

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.ports import DeployerSort


def asker(node: Node, by: str = "") -> Identity | None:
    """The caller of this request, else the user named; None for the node's own doing."""
    present = guards.asking()
    return present if present is not None or not by else users.identity(node, by)


def require(node: Node, right: DeployRight, sort: DeployerSort, name: str, *, by: str = "") -> None:
    """Raise NotAllowed unless they may do this with an infrastructure or something published; NotFound."""
    what = {
        "infrastructure": "infrastructure",
        "project": "published project",
        "service": "published service",
    }
    deployment.require(
        asker(node, by), right, f"{what.get(sort, sort)} {name}", node.deployer.get(sort, name)
    )


def may(node: Node, right: DeployRight, thing: Infrastructure | Published, *, by: str = "") -> bool:
    """Whether they may."""
    owner = thing.owner if isinstance(thing, Published) else ""
    return deployment.may(asker(node, by), right, thing.people, owner)


def require_manager(node: Node, *, by: str = "", what: str) -> None:
    """Raise NotAllowed unless they manage deployments of the whole node."""
    who = asker(node, by)
    if not deployment.may(who, DeployRight.ADMIN, ()):
        assert who is not None
        raise NotAllowed(
            f"{who.name or who.login} may not {what}.", permission=Permission.MANAGE_DEPLOYMENTS,
            hint="An administrator can give “manage deployments”, through a group.",
        )  # fmt: skip
