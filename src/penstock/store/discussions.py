"""The Discussions port in SQL: topics, replies, and who was meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from penstock.core.discussion import Discussion, Earlier, Notice, Reply
from penstock.core.errors import NotFound
from penstock.store.again import begun_again
from penstock.store.database import Database
from penstock.store.rows import from_row, to_json
from penstock.store.tables import discussions, notices, replies


@begun_again
class SqlDiscussions:
    """Each verb is one short transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def begin(self, discussion: Discussion, text: str) -> Discussion:
        row = {
            "project": discussion.project, "object": discussion.object, "topic": discussion.topic,
            "by": discussion.by, "at": discussion.at, "closed": False,
        }  # fmt: skip
        with self.database.write() as connection:
            made = connection.execute(insert(discussions).returning(discussions.c.seq), row).scalar_one()
            connection.execute(insert(replies), _said(made, discussion.by, text, discussion.at))
        return self.discussion(discussion.project, made)

    def reply(self, discussion: Discussion, author: str, text: str, at: datetime) -> Discussion:
        with self.database.write() as connection:
            connection.execute(insert(replies), _said(discussion.id, author, text, at))
        return self.discussion(discussion.project, discussion.id)

    def change(self, discussion: Discussion, reply: Reply, text: str, at: datetime) -> Discussion:
        earlier = [to_json(one) for one in (*reply.earlier, Earlier(text=reply.text, until=at))]
        with self.database.write() as connection:
            connection.execute(
                update(replies).where(replies.c.seq == reply.id), {"text": text, "earlier": earlier}
            )
        return self.discussion(discussion.project, discussion.id)

    def close(self, discussion: Discussion, *, closed: bool) -> Discussion:
        with self.database.write() as connection:
            connection.execute(
                update(discussions).where(discussions.c.seq == discussion.id), {"closed": closed}
            )
        return replace(discussion, closed=closed)

    def discussion(self, project: str, id: int) -> Discussion:
        found = self._listed((discussions.c.project == project) & (discussions.c.seq == id))
        if not found:
            raise NotFound("discussion", str(id), where=f"project {project}")
        return found[0]

    def discussions(self, project: str, object: str = "") -> list[Discussion]:
        of = discussions.c.project == project
        found = self._listed(of & (discussions.c.object == object) if object else of)
        return sorted(found, key=lambda d: (not d.closed, d.last), reverse=True)

    def rename(self, project: str, old: str, new: str) -> None:
        with self.database.write() as connection:
            for table in (discussions, notices):
                here = (table.c.project == project) & (table.c.object == old)
                connection.execute(update(table).where(here), {"object": new})

    def delete_project(self, project: str) -> None:
        own = select(discussions.c.seq).where(discussions.c.project == project)
        with self.database.write() as connection:
            connection.execute(delete(replies).where(replies.c.discussion.in_(own)))
            for table in (discussions, notices):
                connection.execute(delete(table).where(table.c.project == project))

    def notify(self, told: Iterable[Notice]) -> None:
        rows = [_row(one) for one in told]
        if rows:
            with self.database.write() as connection:
                connection.execute(insert(notices), rows)

    def notices(self, login: str, *, limit: int = 50) -> list[Notice]:
        query = select(notices).where(notices.c.login == login).order_by(notices.c.seq.desc()).limit(limit)
        with self.database.read() as connection:
            return [
                from_row(Notice, {**row, "id": row["seq"]}) for row in connection.execute(query).mappings()
            ]

    def unseen(self, login: str) -> int:
        query = select(func.count()).select_from(notices)
        with self.database.read() as connection:
            return connection.execute(
                query.where(notices.c.login == login, notices.c.seen.is_(False))
            ).scalar_one()

    def see(self, login: str) -> None:
        with self.database.write() as connection:
            connection.execute(update(notices).where(notices.c.login == login), {"seen": True})

    def _listed(self, which: ColumnElement[bool]) -> list[Discussion]:
        query = select(discussions).where(which).order_by(discussions.c.seq)
        said = select(replies).join(discussions, replies.c.discussion == discussions.c.seq).where(which)
        with self.database.read() as connection:
            found = connection.execute(query).mappings().all()
            by_topic: dict[int, list[Reply]] = {}
            for row in connection.execute(said.order_by(replies.c.seq)).mappings():
                by_topic.setdefault(row["discussion"], []).append(from_row(Reply, {**row, "id": row["seq"]}))
        return [
            from_row(Discussion, {**row, "id": row["seq"], "replies": by_topic.get(row["seq"], ())})
            for row in found
        ]


def _row(notice: Notice) -> dict[str, Any]:
    """A notice as a row of its table."""
    return {name: getattr(notice, name) for name in (c.name for c in notices.c) if name != "seq"}


def _said(discussion: int, author: str, text: str, at: datetime) -> Mapping[str, Any]:
    return {"discussion": discussion, "author": author, "text": text, "at": at, "earlier": []}
