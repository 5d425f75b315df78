"""Files below a path of an object store, changed all at once or not at all.

An object store replaces one object at a time. Several become visible together by a plan, as in a database's log:

<root>/.staged-<instant>-<id>-<process>/<path>     what a run wrote; nobody looks there
       .plan-<instant>-<id>-<process>.json         written in one piece: from then on it is done
       <path>                                      then each is copied to its place, within the store

Whoever lists through Penstock while a plan lies there sees what it says, not what has been copied so far: all of it or
nothing. Other programs see the files come one after the other, each of them whole. When the process dies before the
plan, nothing has changed; after it, the next who changes something completes it.
"""

from __future__ import annotations

import contextlib
import filecmp
import json
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any, BinaryIO, TypeVar

from penstock.core.dataset import SourceFile
from penstock.core.errors import Failed, NotFound, PenstockError
from penstock.core.files import Work, is_hidden, leads_out
from penstock.store.bucket import Bucket, Stored, Vanished
from penstock.store.disk import left_behind, remove_folder, this_process, write_atomically
from penstock.store.file_cache import FileCache

STAGED, PLAN, SUFFIX = ".staged-", ".plan-", ".json"
FILES, BEFORE, BASE = "files", "before", "base.json"
TRIES = 5
"""How often something is looked at anew because others changed it in the middle."""
ABANDONED = 24 * 3600.0
"""Seconds after which what another machine staged without a plan is nobody's any more."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BucketRoot:
    """A FileRoot in an object store. What is read is fetched into the home's cache, in pieces, and linked there."""

    bucket: Bucket
    cache: FileCache

    def listed(self) -> list[SourceFile]:
        return [_as_file(path, stored) for path, stored in sorted(self._view().items())]

    def local(self, files: Sequence[SourceFile], work: Work) -> Path:
        """Fetch these files; every one as it was listed, else Vanished."""
        wanted = {f.path: f.etag for f in files}
        told = json.dumps([self.bucket.store.place(), self.bucket.base, sorted(wanted.items())])
        target = work() / f"files-{sha256(told.encode()).hexdigest()[:16]}"
        _again(lambda: self._fetch_all(wanted, target))
        return target

    def open(self, path: str) -> BinaryIO:
        return _again(lambda: self.bucket.open(self._existing(path).path))

    def put(self, source: Path, path: str) -> None:
        self._settle()
        self.bucket.put(source, _checked(path))

    def remove(self, paths: Sequence[str]) -> None:
        self._settle()
        for path in paths:
            self._existing(path)
        self.bucket.remove(paths)

    def stage(self, work: Work) -> Path:
        """Fetch what is there, to be changed in a private folder."""
        self.bucket.store.check_may("writable", self.bucket.connection)
        self._settle()
        ticket = work() / f"staged-{token_hex(6)}"
        (ticket / FILES).mkdir(parents=True)
        seen = _again(lambda: self._checked_out(ticket))
        write_atomically(ticket / BASE, json.dumps(seen).encode())
        return ticket / FILES

    def finish(self, staged: Path) -> tuple[int, int]:
        """Put what the run changed, then the plan, then everything in its place. Raises before the plan is written,
        with the files as they were; what fails after it is completed by the next writer."""
        ticket = staged.parent
        base: dict[str, str] = json.loads((ticket / BASE).read_bytes())
        now = _paths(ticket / FILES)
        placed = [path for path in now if _is_changed(ticket, path)]
        removed = {path: etag for path, etag in base.items() if path not in set(now)}
        if placed or removed:
            name = f"{time.time_ns() // 1_000_000:014}-{token_hex(4)}-{this_process()}"
            self._put_aside(ticket / FILES, placed, name)
            self._commit(Plan(name, tuple(placed), removed))
        self.discard(staged)
        return len(placed), len(removed)

    def discard(self, staged: Path) -> None:
        remove_folder(staged.parent)

    def _view(self) -> dict[str, Stored]:
        """Path → the object with its content, as the plans that lie there say."""
        return _again(self._seen)

    def _seen(self) -> dict[str, Stored]:
        objects = self.bucket.found()
        view = {path: stored for path, stored in objects.items() if not is_hidden(path)}
        for plan in self._plans(objects):
            view = plan.over(view, objects)
        return view

    def _plans(self, objects: Iterable[str]) -> list[Plan]:
        names = sorted(p for p in objects if p.startswith(PLAN) and p.endswith(SUFFIX))
        return [Plan.read(name, self.bucket.read(name)) for name in names]

    def _existing(self, path: str) -> Stored:
        view = self._view()
        if path not in view:
            _checked(path)
            raise NotFound(
                "file", path, among=view, where=f"{self.bucket.base} of connection {self.bucket.connection}"
            )
        return view[path]

    def _fetch_all(self, wanted: Mapping[str, str], target: Path) -> None:
        view = self._view()
        target.mkdir(parents=True, exist_ok=True)
        for path, etag in wanted.items():
            stored = view.get(path)
            if stored is None or stored.etag != etag:
                raise self.bucket.vanished(
                    path, "is not there any more" if stored is None else "was replaced"
                )
            self._fetch(stored, target / path)

    def _checked_out(self, ticket: Path) -> dict[str, str]:
        """Everything there is, in FILES and, to be compared with, in BEFORE; path → etag."""
        view = self._view()
        for path in _paths(ticket / FILES):
            (ticket / FILES / path).unlink()
        for path, stored in view.items():
            self._fetch(stored, ticket / FILES / path)
            (ticket / BEFORE / path).parent.mkdir(parents=True, exist_ok=True)
            (ticket / BEFORE / path).unlink(missing_ok=True)
            os.link(ticket / FILES / path, ticket / BEFORE / path)
        return {path: stored.etag for path, stored in view.items()}

    def _fetch(self, stored: Stored, target: Path) -> None:
        if target.exists():
            return
        try:
            self.cache.linked(self.bucket.mark(stored), target, lambda aside: self.bucket.get(stored, aside))
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            raise Failed(
                f"{stored.path} cannot be fetched from connection {self.bucket.connection}: an object of that name and "
                "objects below it lie there, which no folder can hold.",
                hint="Give one of them another name.",
            ) from error

    def _put_aside(self, files: Path, placed: Sequence[str], name: str) -> None:
        try:
            for path in placed:
                self.bucket.put(files / path, f"{STAGED}{name}/{path}")
        except PenstockError:
            with contextlib.suppress(PenstockError):
                self.bucket.remove([f"{STAGED}{name}/{path}" for path in placed])
            raise

    def _commit(self, plan: Plan) -> None:
        """Write the plan – the one moment of the change –, then carry it out. Who dies in between is made good."""
        self.bucket.write(plan.told(), plan.object)
        with contextlib.suppress(PenstockError):
            self._carry_out(plan, self.bucket.found())

    def _settle(self) -> None:
        """Complete what others had begun, and drop what dead ones only prepared."""
        objects = self.bucket.found()
        plans = self._plans(objects)
        for plan in plans:
            self._carry_out(plan, objects)
        known = {f"{STAGED}{plan.name}" for plan in plans}
        aside = [
            o
            for path, o in objects.items()
            if path.startswith(STAGED) and path.partition("/")[0] not in known
        ]
        self.bucket.remove([o.path for o in aside if _is_abandoned(o)])

    def _carry_out(self, plan: Plan, objects: Mapping[str, Stored]) -> None:
        """Removals, then replacements; then the plan goes, then what was aside. Does the rest when done again."""
        gone = [p for p, etag in plan.removed.items() if p in objects and objects[p].etag == etag]
        self.bucket.remove(gone)
        for path in plan.placed:
            if plan.aside(path) in objects:
                with contextlib.suppress(Vanished):  # somebody else carries it out, too
                    self.bucket.copy(plan.aside(path), path)
        self.bucket.remove([plan.object])
        self.bucket.remove([plan.aside(path) for path in plan.placed])


@dataclass(frozen=True, slots=True)
class Plan:
    """What a change does: paths that get new content, and those that go, with the etag they have."""

    name: str
    placed: tuple[str, ...]
    removed: Mapping[str, str]

    @property
    def object(self) -> str:
        return f"{PLAN}{self.name}{SUFFIX}"

    def aside(self, path: str) -> str:
        return f"{STAGED}{self.name}/{path}"

    def told(self) -> bytes:
        return json.dumps({"placed": self.placed, "removed": self.removed}, indent=1).encode()

    @classmethod
    def read(cls, object: str, content: bytes) -> Plan:
        told: dict[str, Any] = json.loads(content)
        return cls(object.removeprefix(PLAN).removesuffix(SUFFIX), tuple(told["placed"]), told["removed"])

    def over(self, view: Mapping[str, Stored], objects: Mapping[str, Stored]) -> dict[str, Stored]:
        """A view with this change made."""
        kept = {p: o for p, o in view.items() if self.removed.get(p) != o.etag}
        return kept | {p: objects[self.aside(p)] for p in self.placed if self.aside(p) in objects}


def _as_file(path: str, stored: Stored) -> SourceFile:
    return SourceFile(path, stored.size, stored.modified, stored.etag)


def _again(look: Callable[[], T]) -> T:
    """Look, and once more when somebody changed things in the middle. Raises Vanished when that goes on."""
    for _ in range(TRIES - 1):
        with contextlib.suppress(Vanished):
            return look()
    return look()


def _is_abandoned(stored: Stored) -> bool:
    mark = stored.path.partition("/")[0].removeprefix(STAGED).split("-", 2)[2]
    return left_behind(mark) or time.time() - stored.modified / 1000 > ABANDONED


def _paths(root: Path) -> list[str]:
    found = (p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())
    return sorted(path for path in found if not is_hidden(path))


def _is_changed(ticket: Path, path: str) -> bool:
    """Whether the run wrote a file: it is no longer the same one, and does not hold the same bytes."""
    now, before = ticket / FILES / path, ticket / BEFORE / path
    return not before.exists() or (not now.samefile(before) and not filecmp.cmp(now, before, shallow=False))


def _checked(path: str) -> str:
    if path.startswith("/") or any(part in ("", ".", "..") for part in path.split("/")) or is_hidden(path):
        raise leads_out(path)
    return path
