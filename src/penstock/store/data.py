"""Managed data on disk: snapshots written aside and swapped in whole, managed folders, uploads.

data/<KEY>/datasets/<dataset>/NP/20250131T101500123-k3x9/   part-*.parquet and _snapshot.json, never changed
                                 current                    the id of the snapshot readers get
                                 .writing-<id>-<process>/   invisible until `finish`
data/<KEY>/folders/<folder>/     uploads/<dataset>/
                   .staged-<id>-<process>/             what a recipe changes in a folder (store/staging.py)
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core.dataset import Snapshot
from penstock.core.errors import Conflict, Failed, NotFound, Refused
from penstock.core.metric import NOT_PARTITIONED
from penstock.core.names import check_name, check_project_key
from penstock.core.schema import Column, Schema, column_type
from penstock.store import staging
from penstock.store.clock import SystemClock
from penstock.store.disk import (
    hash_into,
    left_behind,
    locked,
    remove_folder,
    sync_file,
    sync_folder,
    this_process,
    write_atomically,
)

if TYPE_CHECKING:
    from penstock.core.ports import Clock

FACTS = "_snapshot.json"
CURRENT = "current"
WRITING = ".writing-"
INCOMING = ".incoming-"
UNMARKED = re.compile(r"\..+\.(?=[a-z]*\d)([0-9a-f]{8}|[0-9a-z]{6})")
"""Names of half-written files of earlier releases, which do not say whose they are."""
ABANDONED = 3600
"""Seconds after which nobody is thought to write such a file any more."""


class DiskData:
    """The Data port on a local disk."""

    def __init__(self, home: Path, server_roots: Sequence[Path] = (), *, clock: Clock | None = None) -> None:
        self.root = home / "data"
        self.server_roots = tuple(root.resolve() for root in server_roots)
        self.clock = clock or SystemClock()

    def snapshot(self, project: str, dataset: str) -> Snapshot | None:
        place = self._place(project, dataset)
        current = _current(place)
        while current:
            facts = _facts(place / current)
            if facts is not None or _current(place) == current:
                return facts
            current = _current(place)  # replaced and dropped between our two looks
        return None

    def snapshots(self, project: str, dataset: str) -> list[Snapshot]:
        place = self._place(project, dataset)
        found = [_facts(place / id) for id in reversed(_finished(place))]
        return [facts for facts in found if facts is not None]

    def files(self, project: str, dataset: str, snapshot: str = "") -> list[Path]:
        """The Parquet files of a snapshot, in order; none when the dataset was never built."""
        place = self._place(project, dataset)
        chosen = snapshot or _current(place)
        if snapshot and snapshot not in _finished(place):
            raise NotFound("snapshot", snapshot, among=_finished(place), where=f"dataset {dataset}")
        return _parts(place / chosen) if chosen else []

    def begin(self, project: str, dataset: str) -> Path:
        """A folder to write to; what somebody who was killed left at its side is gone."""
        place = self._place(project, dataset)
        _swept(place)
        written = place / f"{WRITING}{self.clock.new_id(8)}-{this_process()}"
        written.mkdir(parents=True)
        return written

    def finish(
        self, project: str, dataset: str, written: Path, *, job: str, keep: int, after: str | None = None
    ) -> Snapshot:
        place = self._place(project, dataset)
        facts = _measured(written, job=job)
        with locked(place / ".lock", what=f"dataset {dataset}"):
            if after is not None and _current(place) != after:
                raise Conflict(f"Dataset {dataset} was written by somebody else meanwhile.")
            facts = self._named(facts, after=_finished(place))
            _seal(written, facts)
            written.rename(place / facts.id)
            sync_folder(place)
            write_atomically(place / CURRENT, facts.id.encode())
            _drop_beyond(place, keep)
        return facts

    def _named(self, facts: Snapshot, *, after: list[str]) -> Snapshot:
        """An id and instant later than all there are, whatever the clock says: ids sort by age."""
        now = self.clock.now()
        if after:
            now = max(now, _instant(after[-1]) + timedelta(milliseconds=1))
        return replace(facts, id=f"{_stamp(now)}-{self.clock.new_id(4)}", written_at=now)

    def discard(self, written: Path) -> None:
        if written.name.startswith(WRITING):
            remove_folder(written)
        elif staging.is_staged(written) and written.exists():
            staging.forget(written.parent.parent, written)

    def clear(self, project: str, dataset: str) -> None:
        place = self._place(project, dataset)
        if place.exists():
            with locked(place / ".lock", what=f"dataset {dataset}"):
                (place / CURRENT).unlink(missing_ok=True)
                for folder in _snapshot_folders(place):
                    remove_folder(folder)

    def folder(self, project: str, folder: str) -> Path:
        return _made(self._project(project) / "folders" / check_name(folder))

    def uploads(self, project: str, dataset: str) -> Path:
        return _made(self._project(project) / "uploads" / check_name(dataset))

    def drop_uploads(self, project: str, dataset: str) -> None:
        remove_folder(self.uploads(project, dataset))

    def stage(self, project: str, root: Path) -> Path:
        """What a folder holds, to be changed without anybody seeing it until `finish_folder`."""
        staging.settle(folders := self._folders(project))
        return staging.begin(folders, root, f"{self.clock.new_id(8)}-{this_process()}")

    def finish_folder(self, project: str, staged: Path) -> tuple[int, int]:
        """Swap a staged view in, all of it or nothing; returns how many files were written and removed."""
        return staging.finish(self._folders(project), staged)

    def put(self, source: Path, target: Path) -> None:
        """Copy a file into a folder or to the uploads, whole or not at all."""
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f"{INCOMING}{self.clock.new_id(8)}-{this_process()}")
        try:
            shutil.copyfile(source, aside)
            sync_file(aside)
            os.replace(aside, target)
        finally:
            aside.unlink(missing_ok=True)

    def server_path(self, path: str) -> Path:
        target = Path(path)
        resolved = target.resolve()
        if target.is_absolute() and any(resolved.is_relative_to(root) for root in self.server_roots):
            return resolved
        allowed = ", ".join(str(root) for root in self.server_roots) or "none yet"
        raise Refused(
            f"'{path}' does not lie under a folder that datasets of this node may read ({allowed}).",
            hint="An administrator adds one to `server_roots` in config.yaml.",
        )

    def sweep(self) -> int:
        """Remove what dead processes left half-written, complete the swaps they had begun; returns how many."""
        datasets = self.root.glob(f"*/datasets/*/{NOT_PARTITIONED}")
        places = [*self.root.glob("*/folders"), *self.root.glob("*/uploads")]
        return sum([*map(_swept, datasets), *map(staging.settle, places), *map(_swept_files, places)])

    def move(self, project: str, old: str, new: str) -> None:
        """Follow an object that was renamed: its snapshots, uploads and folder."""
        check_name(new)
        for kind in ("datasets", "uploads", "folders"):
            source = self._project(project) / kind / check_name(old)
            if source.exists():
                source.rename(source.with_name(new))

    def delete_project(self, project: str) -> None:
        remove_folder(self._project(project))

    def _project(self, project: str) -> Path:
        return self.root / check_project_key(project)

    def _folders(self, project: str) -> Path:
        return self._project(project) / "folders"

    def _place(self, project: str, dataset: str) -> Path:
        return self._project(project) / "datasets" / check_name(dataset) / NOT_PARTITIONED


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _current(place: Path) -> str:
    try:
        return (place / CURRENT).read_text()
    except FileNotFoundError:
        return ""


def _snapshot_folders(place: Path) -> list[Path]:
    """Oldest first, those never made current too."""
    if not place.exists():
        return []
    return sorted(p for p in place.iterdir() if p.is_dir() and not p.name.startswith("."))


def _finished(place: Path) -> list[str]:
    """Ids of the snapshots readers may see, oldest first: nothing newer than the current one."""
    current = _current(place)
    return [p.name for p in _snapshot_folders(place) if p.name <= current]


def _parts(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.parquet"))


def _measured(written: Path, *, job: str) -> Snapshot:
    """What a folder of Parquet files holds. Raises Failed when it holds none, or one that cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    parts = _parts(written)
    if not parts:
        raise Failed("Nothing was written: a finished dataset needs at least one Parquet file.")
    digest, size, rows = sha256(), 0, 0
    for part in parts:
        try:
            rows += pq.ParquetFile(part).metadata.num_rows
        except pa.ArrowInvalid as error:
            raise Failed(f"{part.name} is not a whole Parquet file: {error}") from error
        size += hash_into(digest, part)
        sync_file(part)
    return Snapshot(
        id="", rows=rows, bytes=size, files=len(parts), columns=_columns(pq.read_schema(parts[0])),
        fingerprint=digest.hexdigest(), written_at=datetime.min, job=job,
    )  # fmt: skip


def _columns(schema: Any) -> Schema:
    return tuple(Column(name=field.name, type=column_type(str(field.type))) for field in schema)


def _seal(written: Path, facts: Snapshot) -> None:
    columns = [{"name": c.name, "type": c.type} for c in facts.columns]
    content = asdict(facts) | {"columns": columns, "written_at": facts.written_at.isoformat()}
    write_atomically(written / FACTS, json.dumps(content, indent=1).encode())


def _facts(folder: Path) -> Snapshot | None:
    """What was sealed with a snapshot; None when it was dropped a moment ago."""
    try:
        content = json.loads((folder / FACTS).read_text())
    except FileNotFoundError:
        return None
    columns = tuple(Column(**column) for column in content.pop("columns"))
    written_at = datetime.fromisoformat(content.pop("written_at"))
    return Snapshot(**content, columns=columns, written_at=written_at)


def _stamp(instant: datetime) -> str:
    return f"{instant:%Y%m%dT%H%M%S}{instant.microsecond // 1000:03d}"


def _instant(id: str) -> datetime:
    stamp = id.partition("-")[0]
    return datetime.strptime(f"{stamp[:-3]}.{stamp[-3:]}+0000", "%Y%m%dT%H%M%S.%f%z")


def _drop_beyond(place: Path, keep: int) -> None:
    for id in _finished(place)[: -max(keep, 1)]:
        remove_folder(place / id)


def _swept(place: Path) -> int:
    if not _leftovers(place):
        return 0
    with locked(place / ".lock", what=f"dataset {place.parent.name}"):
        doomed = _leftovers(place)  # again: a living process may just have finished what we saw
        for path in doomed:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    return sum(path.suffix != ".new" for path in doomed)


def _swept_files(place: Path) -> int:
    """Copies nobody finished, in folders and among uploads."""
    doomed = [path for path in place.glob("*/**/.*") if path.is_file() and _is_abandoned(path)]
    for path in doomed:
        path.unlink(missing_ok=True)
    return len(doomed)


def _is_abandoned(file: Path) -> bool:
    if file.name.startswith(INCOMING):
        return left_behind(file.name.split("-", 2)[2])
    return bool(UNMARKED.fullmatch(file.name)) and time.time() - file.stat().st_mtime > ABANDONED


def _leftovers(place: Path) -> list[Path]:
    """What nobody writes any more and no reader sees. Exact only under the dataset's lock."""
    current = _current(place)
    aside = [path for path in place.glob(".*") if _is_left_over(path)]
    return aside + [folder for folder in _snapshot_folders(place) if folder.name > current]


def _is_left_over(path: Path) -> bool:
    if path.name.startswith((".dropped-", f".{CURRENT}.")):
        return True
    _, _, mark = path.name.removeprefix(WRITING).partition("-")
    return path.name.startswith(WRITING) and left_behind(mark)
