"""A part of an object store: listed, read, written. What goes wrong outside comes as one of our errors."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from penstock.core.errors import ConnectionFailed, SourceNotReady

if TYPE_CHECKING:
    from penstock.core.file_store import FileStore


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as a listing sees it: its path below the base, bytes, epoch milliseconds, and what its store says
    of its content."""

    path: str
    size: int
    modified: int
    etag: str


class Vanished(SourceNotReady):
    """An object that was listed a moment ago is gone, or holds something else."""


@dataclass(slots=True)
class Outage:
    """That nobody answered a moment ago: whoever asks next is told so at once, instead of waiting in turn."""

    seconds: float = 5.0
    error: ConnectionFailed | None = None
    since: float = 0.0

    def note(self, error: ConnectionFailed) -> None:
        self.error, self.since = error, time.monotonic()

    def check(self) -> None:
        """Raise what was noted, while it is fresh."""
        if self.error is not None and time.monotonic() - self.since < self.seconds:
            raise ConnectionFailed(self.error.message, hint=self.error.hint)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Objects below one base, through a filesystem of fsspec. Copies go through the disk in pieces: memory stays
    bounded whatever their size."""

    filesystem: Any
    store: FileStore
    connection: str
    base: str
    outage: Outage

    def found(self, below: str = "") -> dict[str, Stored]:
        """Every object, by path: one question to the server for each thousand. Keys that are no path (`a//b`, `..`)
        are left out."""
        with self._told():
            seen = self.filesystem.find(self._key(below), detail=True, withdirs=False)
        objects = (self._stored(key, info) for key, info in seen.items() if info.get("type") == "file")
        return {o.path: o for o in sorted(objects, key=lambda o: o.path) if _is_plain(o.path)}

    def get(self, stored: Stored, target: Path) -> None:
        """Fetch an object into a file. Raises Vanished unless it is the one that was listed."""
        with self._told(stored.path):
            self.filesystem.get_file(self._key(stored.path), str(target))
            now = self._stored(self._key(stored.path), self.filesystem.info(self._key(stored.path)))
        if (now.etag, now.size) != (stored.etag, stored.size) or target.stat().st_size != stored.size:
            raise self.vanished(stored.path, "was replaced while it was read")

    def open(self, path: str) -> BinaryIO:
        """An object as a stream that can be sought in; a few megabytes of it are in memory."""
        with self._told(path):
            return cast("BinaryIO", self.filesystem.open(self._key(path), "rb"))

    def read(self, path: str) -> bytes:
        """The bytes of a small object. Raises Vanished."""
        with self._told(path):
            return bytes(self.filesystem.cat_file(self._key(path)))

    def put(self, source: Path, path: str) -> None:
        """Store a file: readers see the old object or the whole new one."""
        self.store.check_may("writable", self.connection)
        with self._told():
            self.filesystem.put_file(str(source), self._key(path))

    def write(self, content: bytes, path: str) -> None:
        """Store a few bytes; atomic like `put`."""
        self.store.check_may("writable", self.connection)
        with self._told():
            self.filesystem.pipe_file(self._key(path), content)

    def copy(self, source: str, target: str) -> None:
        """Copy an object within the store; nothing passes through here. Raises Vanished."""
        self.store.check_may("writable", self.connection)
        with self._told(source):
            self.filesystem.cp_file(self._key(source), self._key(target))

    def remove(self, paths: Sequence[str]) -> None:
        """Delete objects; those that are gone already are no error."""
        self.store.check_may("writable", self.connection)
        for path in paths:
            with self._told(), contextlib.suppress(FileNotFoundError):
                self.filesystem.rm_file(self._key(path))

    def mark(self, stored: Stored) -> str:
        """What says which bytes an object holds, in this store and no other."""
        return (
            f"{self.store.place()}|{self.base}/{stored.path}|{stored.etag or stored.modified}|{stored.size}"
        )

    def _key(self, path: str) -> str:
        return f"{self.base}/{path}" if path else self.base

    def _stored(self, key: str, info: dict[str, Any]) -> Stored:
        changed = info.get("LastModified") or info.get("mtime") or info.get("created")
        modified = changed.timestamp() if isinstance(changed, datetime) else float(changed or 0)
        etag = str(info.get("ETag") or info.get("etag") or "").strip('"')
        return Stored(key.removeprefix(f"{self.base}/"), int(info["size"]), int(modified * 1000), etag)

    @contextlib.contextmanager
    def _told(self, path: str = "") -> Iterator[None]:
        """What the filesystem raises as one of ours; an object that is not there (any more) as Vanished."""
        self.outage.check()
        try:
            yield
        except self.store.errors() as error:
            told = self.store.failed(self.connection, error)
            if self.store.is_down(error):
                self.outage.note(told)
            is_gone = isinstance(error, FileNotFoundError) and "bucket" not in str(error).lower()
            if path and is_gone:
                raise self.vanished(path, "is not there any more") from error
            raise told from error

    def vanished(self, path: str, what: str) -> Vanished:
        return Vanished(
            f"{path} {what}: connection {self.connection}, {self.store.place()}.",
            hint="Somebody changed the files meanwhile. Run it again.",
        )


def _is_plain(path: str) -> bool:
    """Whether a key is the path of a file below the base."""
    return all(part not in ("", ".", "..") for part in path.split("/")) and "\\" not in path
