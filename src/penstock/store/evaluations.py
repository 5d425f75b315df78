"""Evaluations by store: headers in SQL, details and samples by hash. The Evaluations port."""

from __future__ import annotations

import builtins
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import String, and_, cast, delete, func, insert, or_, select, update

from penstock.core.errors import NotFound
from penstock.core.evaluation import Evaluation
from penstock.store.again import begun_again
from penstock.store.blobs import DiskBlobs
from penstock.store.database import Database, alone
from penstock.store.rows import from_row, to_json
from penstock.store.tables import evaluations

CHUNK = 500


@begun_again
class SqlEvaluations:
    """The Evaluations port. It refers to no model version and no dataset: an evaluation outlives both."""

    def __init__(self, database: Database, blobs: DiskBlobs) -> None:
        self.database, self.blobs = database, blobs

    def save(self, evaluation: Evaluation, *, detail: Mapping[str, Any], sample: Path | None) -> Evaluation:
        """Keep an evaluation; one with the same id in the same store is replaced, in its place in the order."""
        hashes = self._put(detail, sample)
        kept = replace(evaluation, detail=hashes[0], sample=hashes[1])
        row = {
            "project": kept.project, "store": kept.store, "id": kept.id,
            "facts": to_json(kept), "detail": kept.detail, "sample": kept.sample, "created_at": kept.created_at,
        }  # fmt: skip
        with self.database.write() as connection:
            alone(connection, "evaluation", kept.project, kept.store, kept.id)
            same = _is(kept.project, kept.store, kept.id)
            before = connection.execute(select(evaluations).where(same).with_for_update()).mappings().all()
            statement = update(evaluations).where(same) if before else insert(evaluations)
            connection.execute(statement, row)
        self._put(detail, sample)  # in case a deletion of equal bytes crossed our way
        self._drop_unneeded(old[part] for old in before for part in ("detail", "sample"))
        return kept

    def list(
        self, project: str, store: str, *, limit: int = 0, offset: int = 0, newest_first: bool = False
    ) -> builtins.list[Evaluation]:
        """In order of creation; a limit of 0 = all."""
        order = evaluations.c.seq.desc() if newest_first else evaluations.c.seq
        query = select(evaluations.c.facts).where(_is(project, store)).order_by(order)
        with self.database.read() as connection:
            found = connection.execute(query.limit(limit or None).offset(offset or None)).scalars()
            return [from_row(Evaluation, facts) for facts in found]

    def count(self, project: str, store: str) -> int:
        query = select(func.count()).select_from(evaluations).where(_is(project, store))
        with self.database.read() as connection:
            return connection.execute(query).scalar_one()

    def search(
        self,
        project: str,
        store: str,
        *,
        text: str = "",
        by: str = "",
        down: bool = True,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[builtins.list[Evaluation], int]:
        """Those with a text in their name, model, dataset or labels, sorted, and how many there are in all."""
        wanted = [_is(project, store), *(_mentions(text),) * bool(text)]
        order = _sorted_by(by)
        query = select(evaluations.c.facts).where(*wanted)
        query = query.order_by(*(_directed(o, down=down) for o in order))
        counted = select(func.count()).select_from(evaluations).where(*wanted)
        with self.database.read() as connection:
            found = connection.execute(query.limit(limit or None).offset(offset or None)).scalars()
            rows = [from_row(Evaluation, facts) for facts in found]
            return rows, connection.execute(counted).scalar_one()

    def get(self, project: str, store: str, id: str) -> Evaluation:
        query = select(evaluations.c.facts).where(_is(project, store, id))
        with self.database.read() as connection:
            facts = connection.execute(query).scalar()
        if facts is None:
            raise NotFound("evaluation", id, among=self._ids(project, store), where=f"store {store}")
        return from_row(Evaluation, facts)

    def latest(self, project: str, store: str) -> Evaluation | None:
        newest = (
            evaluations.c.created_at.desc(),
            evaluations.c.seq.desc(),
        )  # the moment that its metrics carry
        query = select(evaluations.c.facts).where(_is(project, store))
        with self.database.read() as connection:
            ordered = query.order_by(*newest).limit(1)
            found = connection.execute(ordered).scalar()
        return None if found is None else from_row(Evaluation, found)

    def detail(self, evaluation: Evaluation) -> Mapping[str, Any]:
        content: Mapping[str, Any] = (
            json.loads(self.blobs.get(evaluation.detail)) if evaluation.detail else {}
        )
        return content

    def sample(self, evaluation: Evaluation) -> Path | None:
        return self.blobs.path(evaluation.sample) if evaluation.sample else None

    def rename(self, project: str, store: str, id: str, name: str) -> None:
        self._change(project, store, id, name=name)

    def set_labels(self, project: str, store: str, id: str, labels: Mapping[str, str]) -> None:
        self._change(project, store, id, labels=dict(labels))

    def delete(self, project: str, store: str, ids: Sequence[str]) -> int:
        """Returns how many there were; bytes that no other evaluation refers to go too."""
        gone: builtins.list[Any] = []
        with self.database.write() as connection:
            for start in range(0, len(ids), CHUNK):
                some = and_(_is(project, store), evaluations.c.id.in_(list(ids[start : start + CHUNK])))
                gone += connection.execute(select(evaluations).where(some)).mappings().all()
                connection.execute(delete(evaluations).where(some))
        self._drop_unneeded(row[part] for row in gone for part in ("detail", "sample"))
        return len(gone)

    def move(self, project: str, old: str, new: str) -> None:
        """Follow a store that was renamed, with its evaluations."""
        with self.database.write() as connection:
            for row in connection.execute(select(evaluations).where(_is(project, old))).mappings().all():
                values = {"store": new, "facts": {**row["facts"], "store": new}}
                connection.execute(update(evaluations).where(evaluations.c.seq == row["seq"]), values)

    def delete_project(self, project: str) -> None:
        mine = evaluations.c.project == project
        with self.database.write() as connection:
            gone = connection.execute(select(evaluations).where(mine)).mappings().all()
            connection.execute(delete(evaluations).where(mine))
        self._drop_unneeded(row[part] for row in gone for part in ("detail", "sample"))

    def _put(self, detail: Mapping[str, Any], sample: Path | None) -> tuple[str, str]:
        text = json.dumps(detail, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
        return self.blobs.put(text.encode()), self.blobs.put_file(sample) if sample else ""

    def _change(self, project: str, store: str, id: str, **fields: Any) -> None:
        self.get(project, store, id)
        with self.database.write() as connection:
            this = select(evaluations.c.facts).where(_is(project, store, id)).with_for_update()
            facts = {**(connection.execute(this).scalar() or {}), **fields}
            connection.execute(update(evaluations).where(_is(project, store, id)), {"facts": facts})

    def _ids(self, project: str, store: str) -> builtins.list[str]:
        query = select(evaluations.c.id).where(_is(project, store)).order_by(evaluations.c.seq.desc())
        with self.database.read() as connection:
            return builtins.list(connection.execute(query.limit(CHUNK)).scalars())

    def _drop_unneeded(self, hashes: Any) -> None:
        for hash in {hash for hash in hashes if hash and not self._needed(hash)}:
            self.blobs.delete(hash, unless=partial(self._needed, hash))

    def _needed(self, hash: str) -> bool:
        refers = or_(evaluations.c.detail == hash, evaluations.c.sample == hash)
        with self.database.read() as connection:
            return connection.execute(select(evaluations.c.seq).where(refers).limit(1)).first() is not None


def _is(project: str, store: str, id: str = "") -> Any:
    these = and_(evaluations.c.project == project, evaluations.c.store == store)
    return and_(these, evaluations.c.id == id) if id else these


def _mentions(text: str) -> Any:
    parts = [evaluations.c.facts[word].as_string() for word in ("name", "id", "model", "dataset")]
    parts.append(cast(evaluations.c.facts["labels"], String))
    return or_(*(func.lower(part).contains(text.lower(), autoescape=True) for part in parts))


def _sorted_by(by: str) -> builtins.list[Any]:
    """What to order by: the name, a metric, a label, or (in all cases at last) the order of creation."""
    newest = evaluations.c.seq
    if by in ("name", "dataset", "model"):
        return [evaluations.c.facts[by].as_string(), newest]
    if by == "rows":
        return [evaluations.c.facts[by].as_float(), newest]
    return [evaluations.c.facts["metrics"][by].as_float(), newest] if by else [newest]


def _directed(value: Any, *, down: bool) -> Any:
    """Empty ones last; the order of creation has none, and said so PostgreSQL would not read it off its index."""
    ordered = value.desc() if down else value.asc()
    return ordered if value is evaluations.c.seq else ordered.nulls_last()
