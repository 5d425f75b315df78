"""Users, groups, and who has which rights in which project: the Users port on SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from penstock.core.access import Grants, People, Permission, Visibility
from penstock.core.errors import Conflict, NotFound
from penstock.core.user import Group, User
from penstock.store.again import begun_again
from penstock.store.database import Database, upsert
from penstock.store.rows import from_row, to_json, to_row
from penstock.store.tables import grants, groups, project_access, users


@begun_again
class SqlUsers:
    """The Users port. Each verb is one short transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, user: User) -> None:
        try:
            with self.database.write() as connection:
                connection.execute(insert(users), to_row(user))
        except IntegrityError as error:
            raise Conflict(f"There is a user '{user.login}' already.") from error

    def save(self, user: User) -> None:
        """Write what somebody changed; when a user was seen last is kept by `seen` alone."""
        row = {name: value for name, value in to_row(user).items() if name not in ("created_at", "seen_at")}
        with self.database.write() as connection:
            if not connection.execute(update(users).where(users.c.login == user.login), row).rowcount:
                raise NotFound("user", user.login)

    def get(self, login: str) -> User:
        found = self.find(login)
        if found is None:
            raise NotFound("user", login, among=[user.login for user in self.all()])
        return found

    def find(self, login: str) -> User | None:
        with self.database.read() as connection:
            row = connection.execute(select(users).where(users.c.login == login)).mappings().first()
        return from_row(User, dict(row)) if row else None

    def all(self) -> list[User]:
        with self.database.read() as connection:
            rows = connection.execute(select(users).order_by(users.c.login)).mappings().all()
        return [from_row(User, dict(row)) for row in rows]

    def seen(self, login: str, at: datetime) -> None:
        with self.database.write() as connection:
            connection.execute(update(users).where(users.c.login == login), {"seen_at": at})

    def groups(self) -> list[Group]:
        with self.database.read() as connection:
            rows = connection.execute(select(groups).order_by(groups.c.name)).mappings().all()
        return [from_row(Group, dict(row)) for row in rows]

    def group(self, name: str) -> Group:
        found = {group.name: group for group in self.groups()}
        if name not in found:
            raise NotFound("group", name, among=found)
        return found[name]

    def save_group(self, group: Group) -> None:
        with self.database.write() as connection:
            upsert(connection, groups, [to_json(group)])

    def delete_group(self, name: str) -> None:
        with self.database.write() as connection:
            if not connection.execute(delete(groups).where(groups.c.name == name)).rowcount:
                raise NotFound("group", name)
            _leave(connection, name)
            held = (grants.c.sort == "group") & (grants.c.holder == name)
            connection.execute(delete(grants).where(held))

    def people(self, project: str) -> People:
        with self.database.read() as connection:
            found = _people(connection, project)
        return found.get(project) or People(project=project)

    def all_people(self) -> dict[str, People]:
        with self.database.read() as connection:
            return _people(connection)

    def save_people(self, people: People) -> None:
        rows = [*_grant_rows(people, "user", people.users), *_grant_rows(people, "group", people.groups)]
        row = {
            "project": people.project, "owner": people.owner, "visibility": people.visibility.value,
        }  # fmt: skip
        with self.database.write() as connection:
            upsert(connection, project_access, [row])
            connection.execute(delete(grants).where(grants.c.project == people.project))
            if rows:
                connection.execute(insert(grants), rows)

    def delete_project(self, project: str) -> None:
        with self.database.write() as connection:
            for table in (project_access, grants):
                connection.execute(delete(table).where(table.c.project == project))


def _leave(connection: Connection, group: str) -> None:
    """Take everybody out of a group."""
    everybody = select(users.c.login, users.c.groups).order_by(users.c.login).with_for_update()
    for row in connection.execute(everybody).mappings().all():
        if group in row["groups"]:
            rest = [name for name in row["groups"] if name != group]
            connection.execute(update(users).where(users.c.login == row["login"]), {"groups": rest})


def _grant_rows(people: People, sort: str, held: Grants) -> Iterable[dict[str, Any]]:
    for holder, rights in held.items():
        if rights:
            yield {
                "project": people.project, "sort": sort, "holder": holder,
                "permissions": sorted(right.value for right in rights),
            }  # fmt: skip


def _people(connection: Connection, project: str = "") -> dict[str, People]:
    """Who has which rights, by project: of one project, or of all."""
    about, held = select(project_access), select(grants)
    if project:
        about = about.where(project_access.c.project == project)
        held = held.where(grants.c.project == project)
    facts = {row["project"]: row for row in connection.execute(about).mappings()}
    by_project: dict[str, dict[str, dict[str, frozenset[Permission]]]] = {}
    for row in connection.execute(held).mappings():
        sorts = by_project.setdefault(row["project"], {"user": {}, "group": {}})
        sorts[row["sort"]][row["holder"]] = frozenset(map(Permission, row["permissions"]))
    return {key: _told(key, facts.get(key, {}), by_project.get(key, {})) for key in {*facts, *by_project}}


def _told(project: str, facts: Mapping[Any, Any], held: Mapping[str, Grants]) -> People:
    return People(
        project=project, owner=facts.get("owner", ""),
        visibility=Visibility(facts.get("visibility", Visibility.PRIVATE)), users=held.get("user", {}),
        groups=held.get("group", {}),
    )  # fmt: skip
