"""Users, groups, API keys and the audit log of a node seen from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from penstock.core.access import Authorised, People
    from penstock.core.user import ApiKey, Group, User
    from penstock.sdk.items import Transport


class Users:
    """The accounts of a node. For administrators."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> list[User]:
        """Every user, by login."""
        found: list[User] = self._transport.call("users.listing")
        return found

    def show(self, login: str) -> User:
        """One user. Raises NotFound with the nearest login."""
        found: User = self._transport.call("users.show", login)
        return found

    def add(self, login: str, **facts: Any) -> User:
        """A new user: `name`, `email`, `groups`, `admin`, `password`. Without a password `link` gives them a way in."""
        found: User = self._transport.call("users.add", login, **facts)
        return found

    def change(self, login: str, **facts: Any) -> User:
        """Change `name`, `email`, `groups` or `admin` of a user."""
        found: User = self._transport.call("users.change", login, **facts)
        return found

    def disable(self, login: str) -> User:
        """Nothing works for a user any more; their sessions end at once."""
        found: User = self._transport.call("users.disable", login)
        return found

    def enable(self, login: str) -> User:
        """A disabled user may log in again."""
        found: User = self._transport.call("users.enable", login)
        return found

    def set_password(self, login: str, password: str) -> None:
        """Give a user a new password; their sessions end."""
        self._transport.call("users.set_password", login, password)

    def link(self, login: str) -> Any:
        """A one-time link with which a user chooses a password: `.path`, `.expires_at`."""
        return self._transport.call("sessions.invite", login)


class Groups:
    """Groups of users, and what they may do on the node."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> list[Group]:
        """Every group, by name."""
        found: list[Group] = self._transport.call("users.groups")
        return found

    def members(self, name: str) -> Sequence[User]:
        """Who is in a group."""
        found: Sequence[User] = self._transport.call("users.members", name)
        return found

    def save(self, name: str, **facts: Any) -> Group:
        """Make a group, or change its `description` or `permissions`."""
        found: Group = self._transport.call("users.save_group", name, **facts)
        return found

    def delete(self, name: str) -> None:
        """Remove a group; its members lose what it gave them."""
        self._transport.call("users.delete_group", name)


class Keys:
    """API keys of a node. A secret is told once, when its key is made: `.secret`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def mine(self) -> list[ApiKey]:
        """Your personal keys, newest first."""
        found: list[ApiKey] = self._transport.call("keys.mine", by=self._transport.user)
        return found

    def list(self, *, login: str = "", project: str = "") -> list[ApiKey]:
        """All keys, those of a user or of a project. For administrators."""
        found: list[ApiKey] = self._transport.call("keys.listing", login=login, project=project)
        return found

    def create(self, label: str = "", *, days: int = 0) -> Any:
        """A personal key, which acts exactly as you; good for so many days, 0 = until it is revoked."""
        return self._transport.call("keys.create_personal", by=self._transport.user, label=label, days=days)

    def create_for_project(
        self, project: str, permissions: Sequence[str], *, label: str = "", days: int = 0
    ) -> Any:  # fmt: skip
        """A key with rights of its own in one project."""
        return self._transport.call(
            "keys.create_for_project",
            project,
            list(permissions),
            by=self._transport.user,
            label=label,
            days=days,
        )

    def create_global(
        self, *, permissions: Sequence[str] = (), projects: Mapping[str, Sequence[str]] | None = None,
        label: str = "", days: int = 0,
    ) -> Any:  # fmt: skip
        """A key with rights on the node, or in several projects (`*` = every one). For administrators."""
        return self._transport.call(
            "keys.create_global", by=self._transport.user, permissions=list(permissions),
            projects=dict(projects or {}), label=label, days=days,
        )  # fmt: skip

    def revoke(self, id: str) -> ApiKey:
        """A key is refused from now on."""
        found: ApiKey = self._transport.call("keys.revoke", id, by=self._transport.user)
        return found


class Audit:
    """Who did what on a node. For administrators."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def latest(self, limit: int = 50, **wanted: Any) -> list[Mapping[str, Any]]:
        """Events, newest first; of one `msg_type`, `user`, `project`, holding a `text`, `since` a moment."""
        found: list[Mapping[str, Any]] = self._transport.call("audit.latest", limit=limit, **wanted)
        return found


class ProjectPeople:
    """Who has which rights in one project, and what is authorised for people with only dashboards."""

    def __init__(self, transport: Transport, project: str) -> None:
        self._transport, self._project = transport, project

    def show(self) -> People:
        """`.owner`, `.visibility`, `.users` and `.groups`, each a mapping to permissions."""
        found: People = self._transport.call("people.of", self._project)
        return found

    def grant(self, permissions: Sequence[str], *, user: str = "", group: str = "") -> People:
        """What a user or a group may do from now on, in place of what it was; nothing takes all away."""
        return self._change("people.grant", list(permissions), user=user, group=group)

    def set_owner(self, login: str) -> People:
        """Hand the project over."""
        return self._change("people.set_owner", login)

    def set_visibility(self, visibility: str) -> People:
        """`private`, or `discoverable`: everybody may know that the project is there."""
        return self._change("people.set_visibility", visibility)

    def authorised(self) -> Sequence[Authorised]:
        """What people with only dashboards may see or run."""
        found: Sequence[Authorised] = self._transport.call("people.authorised", self._project)
        return found

    def authorise(self, sort: str, name: str, rights: Sequence[str] = ("READ",)) -> Sequence[Authorised]:
        """Let people with only dashboards see (READ) or run (RUN) an object; no right takes it off the list."""
        found: Sequence[Authorised] = self._transport.call(
            "people.authorise", self._project, sort, name, list(rights), by=self._transport.user
        )
        return found

    def _change(self, verb: str, *arguments: Any, **settings: Any) -> People:
        found: People = self._transport.call(
            verb, self._project, *arguments, by=self._transport.user, **settings
        )
        return found
