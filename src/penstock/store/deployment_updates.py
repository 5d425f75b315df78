"""History of updates, and what was seen of deployments: the part of the Deployer port that lies in the state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from penstock.core.errors import Conflict, NotFound
from penstock.core.update import Update
from penstock.store.again import begun_again
from penstock.store.database import Database, upsert
from penstock.store.rows import from_row, to_json
from penstock.store.tables import deployment_seen, deployment_updates


@begun_again
class SqlUpdates:
    """History of updates, and what was seen of deployments. Each verb is one short transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def begin(self, update: Update) -> None:
        row = _row(update) | {"id": update.id, "deployment": update.deployment, "abort_requested": False}
        try:
            with self.database.write() as connection:
                connection.execute(insert(deployment_updates), row)
        except IntegrityError as error:
            raise Conflict(
                f"Deployment {update.deployment} is being updated already.",
                hint="Wait for its end, or abort it.",
            ) from error

    def save_update(self, update_: Update) -> None:
        with self.database.write() as connection:
            connection.execute(
                update(deployment_updates).where(deployment_updates.c.id == update_.id), _row(update_)
            )

    def update(self, id: str) -> Update:
        with self.database.read() as connection:
            query = select(deployment_updates.c.facts).where(deployment_updates.c.id == id)
            found = connection.execute(query).scalar()
        if found is None:
            raise NotFound("update", id)
        return from_row(Update, found)

    def updates(self, deployment: str = "", *, limit: int = 50) -> list[Update]:
        query = select(deployment_updates.c.facts).order_by(deployment_updates.c.seq.desc())
        query = query.where(deployment_updates.c.deployment == deployment) if deployment else query
        return self._facts(query.limit(limit or None))

    def unfinished(self) -> list[Update]:
        return self._facts(select(deployment_updates.c.facts).where(deployment_updates.c.place.is_not(None)))

    def _facts(self, query: Any) -> list[Update]:
        with self.database.read() as connection:
            return [from_row(Update, facts) for facts in connection.execute(query).scalars()]

    def request_abort(self, id: str) -> bool:
        running = (deployment_updates.c.id == id) & deployment_updates.c.place.is_not(None)
        with self.database.write() as connection:
            return bool(
                connection.execute(
                    update(deployment_updates).where(running), {"abort_requested": True}
                ).rowcount
            )

    def abort_requested(self, id: str) -> bool:
        query = select(deployment_updates.c.abort_requested).where(deployment_updates.c.id == id)
        with self.database.read() as connection:
            return bool(connection.execute(query).scalar())

    def remember(self, deployment: str, facts: Mapping[str, Any], at: datetime) -> None:
        with self.database.write() as connection:
            row = {"deployment": deployment, "facts": dict(facts), "at": at}
            upsert(connection, deployment_seen, [row], newest="at")

    def seen(self, deployment: str = "") -> Mapping[str, tuple[Mapping[str, Any], datetime]]:
        query = select(deployment_seen)
        query = query.where(deployment_seen.c.deployment == deployment) if deployment else query
        with self.database.read() as connection:
            rows = connection.execute(query).mappings()
            return {row["deployment"]: (row["facts"], row["at"]) for row in rows}

    def forget(self, deployment: str) -> None:
        with self.database.write() as connection:
            for table in (deployment_seen, deployment_updates):
                connection.execute(delete(table).where(table.c.deployment == deployment))


def _row(update: Update) -> dict[str, Any]:
    place = None if update.state.final else 0
    return {
        "state": update.state.value, "place": place, "started_at": update.started_at, "facts": to_json(update)
    }  # fmt: skip
