"""Versions of saved models: headers in SQL, files by hash. The Models port."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from penstock.core.errors import ActiveVersion, Conflict, NoActiveVersion, NotFound, UntrustedModel
from penstock.core.model import ModelVersion
from penstock.core.ports import Clock
from penstock.store import kept_files
from penstock.store.again import begun_again
from penstock.store.blobs import DiskBlobs
from penstock.store.clock import SystemClock
from penstock.store.database import Database, alone, upsert
from penstock.store.rows import from_row, to_json
from penstock.store.tables import active_versions, model_versions


@begun_again
class SqlModels:
    """The Models port."""

    def __init__(self, database: Database, blobs: DiskBlobs, *, clock: Clock | None = None) -> None:
        self.database, self.blobs, self.clock = database, blobs, clock or SystemClock()

    def add(self, version: ModelVersion, files: Path, *, activate: bool) -> None:
        hash = self.blobs.put_folder(files)
        row = {
            "project": version.project, "model": version.model, "id": version.id,
            "facts": to_json(version), "files": hash,
        }  # fmt: skip
        try:
            with self.database.write() as connection:
                connection.execute(insert(model_versions), row)
                if activate:
                    self._activate(connection, version.project, version.model, version.id, version.created_by)
        except IntegrityError as error:
            raise Conflict(f"Model {version.model} has a version '{version.id}' already.") from error
        self.blobs.put_folder(files)  # in case a deletion of equal files crossed our way

    def versions(self, project: str, model: str) -> list[ModelVersion]:
        return [from_row(ModelVersion, row["facts"]) for row in self._rows(project, model)]

    def version(self, project: str, model: str, id: str = "") -> ModelVersion:
        chosen = id or self.active(project, model)
        if not chosen:
            raise NoActiveVersion(
                f"Model {model} has no active version.", hint="Train it, or activate one of its versions."
            )
        return from_row(ModelVersion, self._row(project, model, chosen)["facts"])

    def active(self, project: str, model: str) -> str:
        with self.database.read() as connection:
            return connection.execute(_active(project, model)).scalar() or ""

    def activate(self, project: str, model: str, id: str, *, by: str) -> None:
        self._row(project, model, id)
        with self.database.write() as connection:
            alone(connection, "active version", project, model)
            if (
                connection.execute(select(model_versions.c.seq).where(_is(project, model, id))).first()
                is None
            ):
                raise NotFound("version", id, where=f"model {model}")
            self._activate(connection, project, model, id, by)

    def delete(self, project: str, model: str, id: str) -> None:
        files = self._row(project, model, id)["files"]
        with self.database.write() as connection:
            alone(connection, "active version", project, model)
            if connection.execute(_active(project, model)).scalar() == id:
                raise ActiveVersion(
                    f"Version '{id}' is the active one of model {model}.", hint="Activate another one first."
                )
            connection.execute(delete(model_versions).where(_is(project, model, id)))
        self.blobs.delete(files, unless=partial(self._needed, files))

    def files(self, project: str, model: str, id: str) -> Path:
        hash = self._row(project, model, id)["files"]
        said = f"of model {model}, version '{id}',"
        hint = f"Restore blobs/{hash[:2]}/{hash[2:]} of the home from a backup, or train a new version."
        try:
            folder = self.blobs.path(hash)
        except NotFound as error:
            raise UntrustedModel(f"The files {said} are gone.", hint=hint) from error
        wrong = kept_files.culprit(folder, hash)
        if wrong:
            raise UntrustedModel(f"{wrong} {said} is not the file that was saved.", hint=hint)
        return folder

    def move(self, project: str, old: str, new: str) -> None:
        """Follow a model that was renamed, with its versions."""
        with self.database.write() as connection:
            for row in connection.execute(select(model_versions).where(_is(project, old))).mappings().all():
                values = {"model": new, "facts": {**row["facts"], "model": new}}
                connection.execute(update(model_versions).where(model_versions.c.seq == row["seq"]), values)
            this = (active_versions.c.project == project) & (active_versions.c.model == old)
            connection.execute(update(active_versions).where(this), {"model": new})

    def delete_project(self, project: str) -> None:
        with self.database.write() as connection:
            mine = model_versions.c.project == project
            gone = set(connection.execute(select(model_versions.c.files).where(mine)).scalars())
            for table in (model_versions, active_versions):
                connection.execute(delete(table).where(table.c.project == project))
        for files in gone:
            self.blobs.delete(files, unless=partial(self._needed, files))

    def _needed(self, files: str) -> bool:
        query = select(model_versions.c.seq).where(model_versions.c.files == files)
        with self.database.read() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def _activate(self, connection: Connection, project: str, model: str, id: str, by: str) -> None:
        row = {
            "project": project, "model": model, "version": id,
            "activated_by": by, "activated_at": self.clock.now(),
        }  # fmt: skip
        upsert(connection, active_versions, [row])

    def _row(self, project: str, model: str, id: str) -> Mapping[str, Any]:
        found = self._rows(project, model, id)
        if not found:
            known = [row["id"] for row in self._rows(project, model)]
            raise NotFound("version", id, among=known, where=f"model {model}")
        return found[0]

    def _rows(self, project: str, model: str, id: str = "") -> list[Mapping[str, Any]]:
        query = select(model_versions).where(_is(project, model, id)).order_by(model_versions.c.seq.desc())
        with self.database.read() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]


def _is(project: str, model: str, id: str = "") -> Any:
    these = and_(model_versions.c.project == project, model_versions.c.model == model)
    return and_(these, model_versions.c.id == id) if id else these


def _active(project: str, model: str) -> Any:
    return select(active_versions.c.version).where(
        active_versions.c.project == project, active_versions.c.model == model
    )
