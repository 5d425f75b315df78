"""Dated facts about objects, and which is the newest of each sort: what metric values and check results share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, Table, and_, delete, insert, select

from penstock.core.metric import ObjectKey
from penstock.store.database import upsert
from penstock.store.rows import columns_of
from penstock.store.tables import OBJECT

CHUNK = 500
Rows = list[Mapping[str, Any]]


@dataclass(frozen=True)
class History:
    """A table of dated facts, the table that points at the newest ones, and the column that tells sorts apart."""

    facts: Table
    latest: Table
    sort: str

    def add(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        if not rows:
            return
        statement = insert(self.facts).returning(self.facts.c.seq, sort_by_parameter_order=True)
        numbers = connection.execute(statement, list(rows)).scalars().all()
        self._point_at(connection, [{**row, "seq": n} for row, n in zip(rows, numbers, strict=True)])

    def last(self, connection: Connection, where: Mapping[str, str]) -> Rows:
        """The newest fact of every sort, of one object or a whole project."""
        query = select(self.facts).join(self.latest, self.latest.c.seq == self.facts.c.seq)
        query = query.where(_equal(self.latest, where)).order_by(*_order(self.facts))
        return _rows(connection, query)

    def all(
        self, connection: Connection, where: Mapping[str, str], *, sort: str = "", limit: int = 0
    ) -> Rows:
        """Oldest first; with a limit, the newest that many."""
        wanted = {**where, self.sort: sort} if sort else where
        query = select(self.facts).where(_equal(self.facts, wanted))
        if not limit:
            return _rows(connection, query.order_by(*_order(self.facts)))
        newest = [column.desc() for column in _order(self.facts)]
        return _rows(connection, query.order_by(*newest).limit(limit))[::-1]

    def forget(self, connection: Connection, key: ObjectKey) -> None:
        for table in (self.facts, self.latest):
            connection.execute(delete(table).where(_equal(table, columns_of(key))))

    def forget_evaluations(
        self, connection: Connection, where: Mapping[str, str], ids: Sequence[str]
    ) -> None:
        """Drop what came from some evaluations; the newest survivors become the latest."""
        for start in range(0, len(ids), CHUNK):
            some = self.facts.c.evaluation_id.in_(ids[start : start + CHUNK])
            connection.execute(delete(self.facts).where(_equal(self.facts, where), some))
        gone = ~select(self.facts.c.seq).where(self.facts.c.seq == self.latest.c.seq).exists()
        lost = _rows(connection, select(self.latest).where(_equal(self.latest, where), gone))
        connection.execute(delete(self.latest).where(_equal(self.latest, where), gone))
        survivors = [self._newest(connection, row) for row in lost]
        self._point_at(connection, [row for row in survivors if row is not None])

    def _newest(self, connection: Connection, like: Mapping[str, Any]) -> Mapping[str, Any] | None:
        found = self.all(connection, {c: like[c] for c in OBJECT}, sort=like[self.sort], limit=1)
        return found[0] if found else None

    def _point_at(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        names = [column.name for column in self.latest.c]
        newest: dict[tuple[Any, ...], dict[str, Any]] = {}
        for row in sorted(rows, key=lambda row: (row["computed_at"], row["seq"])):
            newest[tuple(row[c] for c in (*OBJECT, self.sort))] = {name: row[name] for name in names}
        upsert(connection, self.latest, list(newest.values()), newest="computed_at")


def _equal(table: Table, where: Mapping[str, str]) -> Any:
    return and_(*(table.c[name] == value for name, value in where.items()))


def _order(table: Table) -> list[Any]:
    return [table.c.computed_at, table.c.seq]


def _rows(connection: Connection, query: Select[Any]) -> Rows:
    return [dict(row) for row in connection.execute(query).mappings()]
