"""What people and programs show to be known: the Credentials port on SQL. No secret is kept, only hashes."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from penstock.core.errors import NotFound
from penstock.core.user import ApiKey, Failures, Link, Session
from penstock.store.again import begun_again
from penstock.store.database import Database, alone, upsert
from penstock.store.rows import from_row, to_row
from penstock.store.tables import api_keys, attempts, links, passwords, sessions

HASHING = threading.BoundedSemaphore(4)
"""So many passwords are hashed at once in one process: each takes 64 MB, and anybody may knock."""


@begun_again
class SqlCredentials:
    """The Credentials port. Each verb is one short transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def set_password(self, login: str, password: str) -> None:
        hashed = ""
        if password:
            with HASHING:
                hashed = _hasher().hash(password)
        with self.database.write() as connection:
            upsert(connection, passwords, [{"login": login, "hash": hashed}])

    def check_password(self, login: str, password: str) -> bool:
        from argon2.exceptions import InvalidHashError, VerificationError

        kept = self._hash(login)
        try:
            with HASHING:
                _hasher().verify(kept or _nobodys(), password)
        except (VerificationError, InvalidHashError):
            return False
        if kept and _hasher().check_needs_rehash(kept):
            self.set_password(login, password)
        return bool(kept)

    def has_password(self, login: str) -> bool:
        return bool(self._hash(login))

    def _hash(self, login: str) -> str:
        with self.database.read() as connection:
            found = connection.execute(select(passwords.c.hash).where(passwords.c.login == login)).scalar()
        return found or ""

    def add_session(self, session: Session) -> None:
        self._insert(sessions, to_row(session))

    def session(self, id: str) -> Session | None:
        row = self._row(sessions, id)
        return from_row(Session, row) if row else None

    def sessions(self, login: str) -> list[Session]:
        query = select(sessions).where(sessions.c.login == login).order_by(sessions.c.created_at.desc())
        with self.database.read() as connection:
            return [from_row(Session, dict(row)) for row in connection.execute(query).mappings()]

    def touch_session(self, id: str, seen: datetime) -> None:
        with self.database.write() as connection:
            connection.execute(update(sessions).where(sessions.c.id == id), {"seen_at": seen})

    def end_session(self, id: str) -> None:
        with self.database.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.id == id))

    def end_sessions(self, login: str, *, keep: str = "") -> int:
        others = (sessions.c.login == login) & (sessions.c.id != keep)
        with self.database.write() as connection:
            return connection.execute(delete(sessions).where(others)).rowcount

    def add_link(self, link: Link) -> None:
        same = (links.c.login == link.login) & (links.c.purpose == link.purpose.value)
        with self.database.write() as connection:
            alone(connection, "link", link.login, link.purpose.value)
            connection.execute(delete(links).where(same))
            connection.execute(insert(links), to_row(link))

    def link(self, id: str) -> Link | None:
        row = self._row(links, id)
        return from_row(Link, row) if row else None

    def take_link(self, id: str) -> Link | None:
        with self.database.write() as connection:
            row = connection.execute(select(links).where(links.c.id == id)).mappings().first()
            if row is None or not connection.execute(delete(links).where(links.c.id == id)).rowcount:
                return None
        return from_row(Link, dict(row))

    def end_links(self, login: str) -> None:
        with self.database.write() as connection:
            connection.execute(delete(links).where(links.c.login == login))

    def add_key(self, key: ApiKey, hash: str) -> None:
        row = to_row(key) | {"permissions": list(key.permissions), "hash": hash}
        self._insert(api_keys, row | {"projects": {p: list(rights) for p, rights in key.projects.items()}})

    def key(self, id: str) -> ApiKey:
        row = self._row(api_keys, id)
        if row is None:
            raise NotFound("API key", id, among=[key.id for key in self.keys()])
        return from_row(ApiKey, row)

    def key_by_hash(self, hash: str) -> ApiKey | None:
        with self.database.read() as connection:
            row = connection.execute(select(api_keys).where(api_keys.c.hash == hash)).mappings().first()
        return from_row(ApiKey, dict(row)) if row else None

    def keys(self, *, login: str = "", project: str = "") -> list[ApiKey]:
        query = select(api_keys).order_by(api_keys.c.created_at.desc(), api_keys.c.id)
        query = query.where(api_keys.c.login == login) if login else query
        query = query.where(api_keys.c.project == project) if project else query
        with self.database.read() as connection:
            return [from_row(ApiKey, dict(row)) for row in connection.execute(query).mappings()]

    def use_key(self, id: str, at: datetime) -> None:
        with self.database.write() as connection:
            connection.execute(update(api_keys).where(api_keys.c.id == id), {"used_at": at})

    def delete_key(self, id: str) -> None:
        with self.database.write() as connection:
            if not connection.execute(delete(api_keys).where(api_keys.c.id == id)).rowcount:
                raise NotFound("API key", id)

    def delete_project(self, project: str) -> None:
        with self.database.write() as connection:
            connection.execute(delete(api_keys).where(api_keys.c.project == project))

    def failures(self, account: str, address: str, since: datetime) -> Failures:
        a, late = attempts.c, attempts.c.at > since
        of_account, of_address = a.account == account, a.address == address
        with self.database.read() as connection:
            return Failures(
                here=_count(connection, late & of_account & of_address),
                account=_count(connection, late & of_account),
                address=_count(connection, late & of_address) if address else 0,
                last_at=connection.execute(
                    select(func.max(a.at)).where(late & (of_account | of_address))
                ).scalar(),
            )

    def failed(self, account: str, address: str, at: datetime) -> None:
        self._insert(attempts, {"account": account, "address": address, "at": at})

    def succeeded(self, account: str, address: str) -> None:
        a = attempts.c
        with self.database.write() as connection:
            connection.execute(delete(attempts).where(a.account == account, a.address == address))

    def sweep(self, now: datetime, remembered: timedelta) -> None:
        with self.database.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
            connection.execute(delete(links).where(links.c.expires_at <= now))
            connection.execute(delete(attempts).where(attempts.c.at <= now - remembered))

    def _insert(self, table: Table, row: Mapping[str, Any]) -> None:
        with self.database.write() as connection:
            connection.execute(insert(table), dict(row))

    def _row(self, table: Table, id: str) -> dict[str, Any] | None:
        with self.database.read() as connection:
            row = connection.execute(select(table).where(table.c.id == id)).mappings().first()
        return dict(row) if row else None


def _count(connection: Connection, condition: Any) -> int:
    return int(connection.execute(select(func.count()).select_from(attempts).where(condition)).scalar_one())


@cache
def _hasher() -> Any:
    """argon2id with the library's present defaults (RFC 9106, the profile for little memory)."""
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobodys() -> str:
    """What is compared with when there is no such user: the answer takes as long."""
    return str(_hasher().hash("nobody's password"))
