"""Users and groups: make, change, disable; what a login may do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from penstock.core.access import GLOBAL, NOBODY, Identity, Permission, Source
from penstock.core.errors import Conflict, Invalid, NotFound, Refused
from penstock.core.user import ApiKey, Group, KeySort, User, check_group, check_login, check_password
from penstock.runtime import audit

if TYPE_CHECKING:
    from penstock.core.node import Node

OF_KEYS = "key:"
"""Begins the login of a project or global key, which no user's login can."""


def identity(node: Node, login: str) -> Identity:
    """What a login may do: a user's, `key:ID` of a key, or that of the home's owner, who needs no account here.

    Nobody's rights for a login that leads nowhere, or to somebody disabled.
    """
    if login.startswith(OF_KEYS):
        return _of_key(node, login.removeprefix(OF_KEYS))
    user = node.users.find(login)
    if user is not None:
        return of_user(node, user) if user.enabled else replace(NOBODY, login=login)
    return local(node) if login == node.config.user else replace(NOBODY, login=login)


def local(node: Node) -> Identity:
    """Whoever works on the home itself: its administrator, without logging in."""
    return Identity(
        login=node.config.user, permissions=frozenset({Permission.ADMINISTRATOR}), source=Source.LOCAL
    )


def of_user(node: Node, user: User, *, source: Source = Source.SESSION, address: str = "") -> Identity:
    """A user with what their groups may do on the node."""
    mine = [group for group in node.users.groups() if group.name in user.groups] if user.groups else []
    rights = {right for group in mine for right in group.permissions}
    return Identity(
        login=user.login, name=user.shown, groups=frozenset(user.groups), source=source, address=address,
        permissions=frozenset(rights | ({Permission.ADMINISTRATOR} if user.admin else set())),
    )  # fmt: skip


def of_key(key: ApiKey, *, address: str = "") -> Identity:
    """A project or global key with the rights it has by itself."""
    source = Source.PROJECT_KEY if key.sort is KeySort.PROJECT else Source.GLOBAL_KEY
    return Identity(
        login=f"{OF_KEYS}{key.id}", name=key.label or key.prefix, key=key.id, source=source, address=address,
        permissions=frozenset(key.permissions),
        projects={project: frozenset(rights) for project, rights in key.projects.items()},
    )  # fmt: skip


def _of_key(node: Node, id: str) -> Identity:
    try:
        return of_key(node.credentials.key(id))
    except NotFound:
        return replace(NOBODY, login=f"{OF_KEYS}{id}")


def is_disabled(node: Node, login: str) -> bool:
    """Whether somebody has an account that may do nothing any more."""
    user = node.users.find(login)
    return user is not None and not user.enabled


def listing(node: Node) -> list[User]:
    """Every user, by login."""
    return node.users.all()


def show(node: Node, login: str) -> User:
    """One user. Raises NotFound with the nearest login."""
    return node.users.get(login)


def add(
    node: Node, login: str, *, name: str = "", email: str = "", groups: Sequence[str] = (), admin: bool = False,
    password: str = "",
) -> User:  # fmt: skip
    """A new user; without a password they need an invitation. Raises Conflict when the login is taken in any case."""
    if password:
        check_password(password, login=login)
    _check_free(node, check_login(login))
    user = User(
        login=login, name=name.strip(), email=_email(email), groups=_groups(node, groups), admin=admin,
        created_at=node.clock.now(),
    )  # fmt: skip
    node.users.add(user)
    if password:
        node.credentials.set_password(login, password)
    audit.note(node, "user-create", object=f"user:{login}", groups=user.groups, admin=admin)
    return user


def change(
    node: Node, login: str, *, name: str | None = None, email: str | None = None,
    groups: Sequence[str] | None = None, admin: bool | None = None,
) -> User:  # fmt: skip
    """Change what is told of a user; None leaves a thing as it is. Refused for the last administrator's rights."""
    before = node.users.get(login)
    after = replace(
        before, name=before.name if name is None else name.strip(),
        email=before.email if email is None else _email(email),
        groups=before.groups if groups is None else _groups(node, groups),
        admin=before.admin if admin is None else admin,
    )  # fmt: skip
    _check_administrators(node, after)
    node.users.save(after)
    audit.note(node, "user-change", object=f"user:{login}", groups=after.groups, admin=after.admin)
    return after


def disable(node: Node, login: str) -> User:
    """Nothing works for a user any more: sessions end, keys are refused, scenarios do not run as them."""
    after = replace(node.users.get(login), enabled=False)
    _check_administrators(node, after)
    node.users.save(after)
    node.credentials.end_sessions(login)
    node.credentials.end_links(login)
    audit.note(node, "user-disable", object=f"user:{login}")
    return after


def enable(node: Node, login: str) -> User:
    """A disabled user may log in again; keys that were not revoked work again."""
    after = replace(node.users.get(login), enabled=True)
    node.users.save(after)
    audit.note(node, "user-enable", object=f"user:{login}")
    return after


def set_password(node: Node, login: str, password: str, *, keep: str = "") -> None:
    """Give a user a new password. Every session ends but the one whose id is to be kept, and every open link."""
    node.users.get(login)
    node.credentials.set_password(login, check_password(password, login=login))
    node.credentials.end_sessions(login, keep=keep)
    node.credentials.end_links(login)
    audit.note(node, "password-change", object=f"user:{login}", by=login)


def groups(node: Node) -> list[Group]:
    """Every group, by name."""
    return node.users.groups()


def members(node: Node, group: str) -> list[User]:
    """Who is in a group, by login. Raises NotFound with the nearest name."""
    node.users.group(group)
    return [user for user in node.users.all() if group in user.groups]


def save_group(
    node: Node, name: str, *, description: str | None = None, permissions: Sequence[str] | None = None
) -> Group:
    """Make a group, or change what is told of it; None leaves a thing as it is."""
    before = next((group for group in node.users.groups() if group.name == name), None)
    before = before or Group(name=check_group(name))
    after = replace(
        before,
        description=before.description if description is None else description.strip(),
        permissions=before.permissions if permissions is None else tuple(_of_node(permissions)),
    )
    if Permission.ADMINISTRATOR not in after.permissions:
        _check_dispensable(node, before)
    node.users.save_group(after)
    audit.note(node, "group-change", object=f"group:{name}", permissions=after.permissions)
    return after


def delete_group(node: Node, name: str) -> None:
    """Remove a group; its members lose what it gave them. Refused while it makes the only administrators."""
    _check_dispensable(node, node.users.group(name))
    node.users.delete_group(name)
    audit.note(node, "group-delete", object=f"group:{name}")


def administrators(node: Node) -> list[User]:
    """Everybody enabled who may do everything, by login."""
    giving = _giving(node)
    return [user for user in node.users.all() if user.enabled and (user.admin or giving & set(user.groups))]


def parsed(words: Sequence[str], among: Iterable[Permission]) -> list[Permission]:
    """Permissions by their names, in the order people see. Raises NotFound with the nearest."""
    known = {str(permission): permission for permission in among}
    chosen = [word.strip().replace("_", " ") for word in words]
    for word in chosen:
        if word not in known:
            raise NotFound("permission", word, among=known)
    return [permission for name, permission in known.items() if name in chosen]


def _of_node(words: Sequence[str]) -> list[Permission]:
    return parsed(words, GLOBAL)


def _check_dispensable(node: Node, group: Group) -> None:
    """Refuse when the only administrators are so by this group."""
    if Permission.ADMINISTRATOR not in group.permissions:
        return
    giving = _giving(node) - {group.name}
    able = administrators(node)
    if able and not any(user.admin or giving & set(user.groups) for user in able):
        raise Refused(
            f"Without the group {group.name} nobody could administer this node.",
            hint="Make somebody an administrator first.",
        )


def _giving(node: Node) -> set[str]:
    return {group.name for group in node.users.groups() if Permission.ADMINISTRATOR in group.permissions}


def _check_free(node: Node, login: str) -> None:
    taken = {user.login.lower(): user.login for user in node.users.all()}
    if login.lower() in taken:
        raise Conflict(f"There is a user '{taken[login.lower()]}' already.", hint="Choose another login.")


def _groups(node: Node, names: Sequence[str]) -> tuple[str, ...]:
    """Names of groups there are, sorted. Raises NotFound with the nearest."""
    return tuple(sorted({node.users.group(name).name for name in names}))


def _email(address: str) -> str:
    stripped = address.strip()
    if stripped and ("@" not in stripped or any(c.isspace() for c in stripped)):
        raise Invalid(f"'{stripped}' is no e-mail address.")
    return stripped


def _check_administrators(node: Node, after: User) -> None:
    """Refuse a change that leaves nobody who may administer the node."""
    now = {user.login for user in administrators(node)}
    stays = after.enabled and (after.admin or bool(_giving(node) & set(after.groups)))
    if now == {after.login} and not stays:
        raise Refused(
            f"{after.shown} is the last administrator of this node.",
            hint="Make somebody else an administrator first.",
        )
