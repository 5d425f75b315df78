"""People of a project: who has which rights, who owns it, who may see it; what is authorised for dashboards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from penstock.core import access
from penstock.core.access import (
    GRANTABLE,
    Authorised,
    Grants,
    Identity,
    People,
    Permission,
    Right,
    Visibility,
    check_grant,
    implied,
)
from penstock.core.errors import Invalid, NotAllowed, NotFound
from penstock.core.project import SETTINGS_FILE, Project
from penstock.runtime import audit, users

if TYPE_CHECKING:
    from penstock.core.node import Node


def of(node: Node, project: str) -> People:
    """Who has which rights in a project."""
    return node.users.people(project)


def rights(node: Node, who: Identity, project: str = "") -> frozenset[Permission]:
    """Everything somebody may do: on the node, and in a project when one is named."""
    return access.given(who, _people(node, who, project))


def may(node: Node, who: Identity, permission: Permission, project: str = "") -> bool:
    """Whether somebody may do something, in a project or on the node."""
    return access.may(who, permission, _people(node, who, project))


def require(node: Node, who: Identity, permission: Permission, project: str = "") -> None:
    """Raise NotSignedIn or NotAllowed unless they may. A project they may not know of is NotFound, like one there is
    not."""
    people = _people(node, who, project)
    if project and who.is_known and not access.may(who, Permission.DISCOVER, people):
        raise NotFound("project", project, among=visible(node, who))
    access.require(who, permission, people)


def visible(node: Node, who: Identity, permission: Permission = Permission.DISCOVER) -> list[str]:
    """The keys of every project somebody has a permission in (`discover`: may know of), in order."""
    keys = sorted(node.projects.keys())
    if who.is_administrator:
        return keys
    told = node.users.all_people()
    return [k for k in keys if access.may(who, permission, told.get(k) or People(project=k))]


def grant(
    node: Node, project: str, permissions: Sequence[str], *, by: str, user: str = "", group: str = ""
) -> People:  # fmt: skip
    """What a user or a group may do in a project from now on, in place of what it was; nothing takes all away.

    Raises NotAllowed for somebody who may not edit permissions, or gives or takes a right they lack themselves.
    """
    node.projects.load(project)
    people, chosen = node.users.people(project), frozenset(users.parsed(permissions, GRANTABLE))
    before = (people.groups if group else people.users).get(group or user, frozenset())
    check_grant(users.identity(node, by), implied(chosen) ^ implied(before), people)
    _check_holder(node, user, group, gone=not chosen)
    if group:
        after = replace(people, groups=_with(people.groups, group, chosen))
    else:
        after = replace(people, users=_with(people.users, user, chosen))
    node.users.save_people(after)
    audit.note(
        node, "project-permissions-change", project=project, by=by,
        object=f"group:{group}" if group else f"user:{user}", permissions=sorted(chosen), before=sorted(before),
    )  # fmt: skip
    return after


def set_owner(node: Node, project: str, login: str, *, by: str) -> People:
    """Hand a project over. Only its owner, somebody with `admin` in it, or an administrator does."""
    node.projects.load(project)
    people = node.users.people(project)
    access.require(users.identity(node, by), Permission.ADMIN, people)
    if login != node.config.user:
        node.users.get(login)
    after = replace(people, owner=login)
    node.users.save_people(after)
    audit.note(
        node, "project-owner-change", project=project, by=by, object=f"user:{login}", before=people.owner
    )
    return after


def set_visibility(node: Node, project: str, visibility: str, *, by: str) -> People:
    """Who may know that a project is there: `private` or `discoverable`."""
    node.projects.load(project)
    people = node.users.people(project)
    access.require(users.identity(node, by), Permission.EDIT_PERMISSIONS, people)
    if visibility not in set(Visibility):
        raise NotFound("visibility", visibility, among=Visibility)
    after = replace(people, visibility=Visibility(visibility))
    node.users.save_people(after)
    audit.note(node, "project-permissions-change", project=project, by=by, visibility=visibility)
    return after


def own(node: Node, project: str, login: str) -> None:
    """Whoever made a project, or took it in, is its owner, and nobody else has any right in it yet."""
    node.users.save_people(People(project=project, owner=login))


def authorised(node: Node, project: str) -> tuple[Authorised, ...]:
    """What people with only dashboards may see or run in a project."""
    return node.projects.load(project).settings.authorised


def authorise(
    node: Node, project: str, sort: str, name: str, rights: Sequence[str] = ("READ",), *, by: str
) -> tuple[Authorised, ...]:
    """Let people with only dashboards see or run an object, as one commit; no right takes it off the list."""
    people, loaded = node.users.people(project), node.projects.load(project)
    access.require(users.identity(node, by), Permission.AUTHORISE, people)
    chosen = tuple(right for right in Right if right.value in {word.upper() for word in rights})
    if chosen:
        _check_object(loaded, sort, name)
    others = [a for a in loaded.settings.authorised if (a.sort, a.name) != (sort, name)]
    entry = [Authorised(sort=sort, name=name, rights=chosen)] if chosen else []
    settings = loaded.settings.changed(authorised=(*others, *entry))
    verb = "Authorise" if chosen else "Withdraw"
    node.projects.save(project, {SETTINGS_FILE: settings}, author=by, message=f"{verb} {sort} {name}")
    audit.note(
        node, "project-authorised-objects-change", project=project, by=by, object=f"{sort}:{name}",
        rights=[str(right) for right in chosen],
    )  # fmt: skip
    return settings.authorised


def check_authorised(
    node: Node, who: Identity, project: str, sort: str, name: str, right: Right = Right.READ
) -> None:  # fmt: skip
    """Raise NotAllowed unless somebody may read the project, or it authorises the object for dashboards.

    The sentence is what an empty tile shows.
    """
    needed = Permission.RUN if right is Right.RUN else Permission.READ
    people = _people(node, who, project)
    if access.may(who, needed, people):
        return
    access.require(who, Permission.READ_DASHBOARDS, people)
    if not access.authorises(authorised(node, project), sort, name, right):
        raise NotAllowed(
            f"The {sort.replace('_', ' ')} {name} is not authorised for people who may only see dashboards.",
            permission=needed, hint=f"Ask {(people and people.owner) or 'an administrator'} to authorise it.",
        )  # fmt: skip


def _people(node: Node, who: Identity, project: str) -> People | None:
    """The people of a project; an administrator needs no look."""
    if not project:
        return None
    return People(project=project) if who.is_administrator else node.users.people(project)


def _check_holder(node: Node, user: str, group: str, *, gone: bool) -> None:
    if bool(user) == bool(group):
        raise Invalid("Rights go to one user or to one group.", hint="Name one of the two.")
    if not gone:
        node.users.group(group) if group else node.users.get(user)


def _with(held: Grants, holder: str, chosen: frozenset[Permission]) -> Grants:
    rest = {name: given for name, given in held.items() if name != holder}
    return {**rest, holder: chosen} if chosen else rest


def _check_object(project: Project, sort: str, name: str) -> None:
    from penstock.core.project import FOLDERS

    if sort not in FOLDERS and sort != "article":
        raise NotFound("sort of object", sort, among=FOLDERS)
    if sort in FOLDERS and name not in getattr(project, f"{sort}s"):
        raise NotFound(
            sort.replace("_", " "), name, among=getattr(project, f"{sort}s"), where=f"project {project.key}"
        )
