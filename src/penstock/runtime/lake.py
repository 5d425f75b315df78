"""A managed dataset as Parquet on a file connection: the snapshots of the home, behind a pointer object.

<path rule>/<dataset>/20250131T101500123-k3x9/   part-*.parquet, then _snapshot.json, never changed
                      current                    the id of the snapshot readers get, replaced in one piece

Objects are put first and the pointer last: readers get the old rows or the new ones, whole. Two nodes that write one
dataset at once are not told of each other: the later pointer counts, and both snapshots are whole.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core.dataset import Snapshot, SourceFile
from penstock.core.errors import Conflict, NotFound
from penstock.core.schema import Column

if TYPE_CHECKING:
    from penstock.core.files import FileRoot, Work
    from penstock.core.ports import Clock

FACTS, CURRENT = "_snapshot.json", "current"
ID = re.compile(r"\d{8}T\d{9}-\w+")
ABANDONED = 24 * 3600.0
"""Seconds after which a snapshot that nobody finished is nobody's."""
PIECE = 1 << 20


def snapshot(root: FileRoot) -> Snapshot | None:
    """What is current; None when nothing was ever written."""
    for _ in range(2):
        current = _current(root)
        try:
            return _facts(root, current) if current else None
        except NotFound:  # replaced and dropped between our two looks
            continue
    return None


def snapshots(root: FileRoot) -> list[Snapshot]:
    """Those still readable, newest first."""
    current = _current(root)
    return [_facts(root, id) for id in reversed(_finished(root.listed())) if id <= current]


def files(root: FileRoot, seen: Snapshot, work: Work) -> list[Path]:
    """The Parquet files of a snapshot on this machine, in order."""
    found = parts(root, seen)
    place = root.local(found, work)
    return [place / part.path for part in found]


def parts(root: FileRoot, seen: Snapshot) -> list[SourceFile]:
    """The Parquet files of a snapshot as they lie there, in order."""
    return [f for f in root.listed() if f.path.startswith(f"{seen.id}/") and f.path.endswith(".parquet")]


def named(root: FileRoot, folder: Path, facts: Snapshot, clock: Clock) -> Snapshot:
    """A folder of Parquet files as a snapshot with a fresh id; nothing is sent."""
    fingerprint = _fingerprint(sorted(folder.glob("*.parquet")))
    return replace(_named(facts, _ids(root.listed()), clock), fingerprint=fingerprint)


def upload(root: FileRoot, folder: Path, fresh: Snapshot) -> None:
    """Put a folder of Parquet files there, its facts last; readers do not see it yet."""
    for part in sorted(folder.glob("*.parquet")):
        root.put(part, f"{fresh.id}/{part.name}")
    _put(root, folder, f"{fresh.id}/{FACTS}", json.dumps(_told(fresh), indent=1))


def point(root: FileRoot, folder: Path, fresh: Snapshot, *, keep: int, after: str | None) -> None:
    """Make an uploaded snapshot what readers get, in one step; drop the oldest beyond `keep`. Raises Conflict when
    another one than `after` is current."""
    if after is not None and _current(root) != after:
        raise Conflict("The dataset was written by somebody else meanwhile.")
    _put(root, folder, CURRENT, fresh.id)
    seen = root.listed()
    old = _finished(seen)[: -max(keep, 1)]
    root.remove([f.path for f in seen if f.path.partition("/")[0] in old or _is_abandoned(f, seen, fresh)])


def forget(root: FileRoot, fresh: Snapshot) -> None:
    """Remove a snapshot that was uploaded and is not pointed to."""
    if _current(root) != fresh.id:
        root.remove([f.path for f in root.listed() if f.path.startswith(f"{fresh.id}/")])


def clear(root: FileRoot) -> None:
    """Remove the rows, the pointer first."""
    paths = [f.path for f in root.listed()]
    root.remove([path for path in paths if path == CURRENT])
    root.remove([path for path in paths if ID.fullmatch(path.partition("/")[0])])


def _current(root: FileRoot) -> str:
    try:
        with root.open(CURRENT) as stream:
            return stream.read().decode()
    except NotFound:
        return ""


def _facts(root: FileRoot, id: str) -> Snapshot:
    return _parsed(_read(root, f"{id}/{FACTS}"))


def _read(root: FileRoot, path: str) -> str:
    with root.open(path) as stream:
        return stream.read().decode()


@lru_cache(maxsize=1024)
def _parsed(text: str) -> Snapshot:
    told: dict[str, Any] = json.loads(text)
    columns = tuple(Column(**column) for column in told.pop("columns"))
    return Snapshot(**told | {"columns": columns, "written_at": datetime.fromisoformat(told["written_at"])})


def _told(facts: Snapshot) -> dict[str, Any]:
    columns = [{"name": c.name, "type": c.type} for c in facts.columns]
    return asdict(facts) | {"columns": columns, "written_at": facts.written_at.isoformat()}


def _put(root: FileRoot, folder: Path, path: str, text: str) -> None:
    file = folder / f".{path.rpartition('/')[2]}"
    file.write_text(text, encoding="utf-8")
    root.put(file, path)
    file.unlink()


def _ids(listed: Sequence[SourceFile]) -> list[str]:
    """Ids of all snapshots that lie there, oldest first, those never finished too."""
    return sorted({top for f in listed if ID.fullmatch(top := f.path.partition("/")[0])})


def _finished(listed: Sequence[SourceFile]) -> list[str]:
    return [id for id in _ids(listed) if any(f.path == f"{id}/{FACTS}" for f in listed)]


def _is_abandoned(file: SourceFile, listed: Sequence[SourceFile], fresh: Snapshot) -> bool:
    id = file.path.partition("/")[0]
    is_whole = id in _finished(listed) and id <= fresh.id
    return bool(ID.fullmatch(id)) and not is_whole and time.time() - file.modified / 1000 > ABANDONED


def _named(facts: Snapshot, ids: list[str], clock: Clock) -> Snapshot:
    """An id and instant later than all there are, whatever the clock says: ids sort by age."""
    now = clock.now()
    if ids:
        last = datetime.strptime(f"{ids[-1][:15]}.{ids[-1][15:18]}+0000", "%Y%m%dT%H%M%S.%f%z")
        now = max(now, last + timedelta(milliseconds=1))
    stamp = f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}"
    return replace(facts, id=f"{stamp}-{clock.new_id(4)}", written_at=now)


def _fingerprint(parts: Sequence[Path]) -> str:
    digest = sha256()
    for part in parts:
        with part.open("rb") as file:
            while piece := file.read(PIECE):
                digest.update(piece)
    return digest.hexdigest()
