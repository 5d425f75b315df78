"""Files wherever they lie: the Files port, over folders of this machine and over file connections."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from penstock.core.connection import secret_name
from penstock.core.errors import ConnectionFailed, Refused
from penstock.core.file_store import FileStore
from penstock.core.files import FileRoot, LocalFiles, Work, leads_out
from penstock.store.bucket import Bucket, Outage
from penstock.store.bucket_root import BucketRoot
from penstock.store.file_cache import FileCache

if TYPE_CHECKING:
    from penstock.core.ports import Connections, Data, Secrets

SERVER_TIMEOUT = 60.0
"""Seconds that a server may be silent in the middle of an answer."""


class ConnectedFiles:
    """The Files port. An open filesystem is kept as long as its connection's definition and secrets stay the same."""

    def __init__(self, data: Data, connections: Connections, secrets: Secrets, cache: FileCache) -> None:
        self._data, self._connections, self._secrets, self._cache = data, connections, secrets, cache
        self._opened: dict[str, tuple[str, Any, Outage]] = {}
        self._lock = threading.Lock()

    def at(self, project: str, folder: Path) -> FileRoot:
        return LocalRoot(folder, self._data, project)

    def on(self, project: str, connection: str, path: str, *, flag: str = "") -> FileRoot:
        store = self._store(connection)
        if flag:
            store.check_may(flag, connection)
        below = _checked(path)
        if store.LOCAL:
            return StoreFolder(_folder(store, connection, below), self._data, project, store, connection)
        return BucketRoot(self._bucket(connection, store, below), self._cache)

    def rule(self, connection: str) -> str:
        return self._store(connection).path_rule

    def sweep(self) -> int:
        return self._cache.sweep()

    def _store(self, name: str) -> FileStore:
        found = self._connections.get(name)
        if not isinstance(found, FileStore):
            raise Refused(
                f"Connection {name} is of type {found.kind_name()}: no files lie behind it.",
                hint="Choose one of type s3 or server_files.",
            )
        return found

    def _bucket(self, name: str, store: FileStore, below: str) -> Bucket:
        base = "/".join(part for part in (store.base(), below) if part)
        filesystem, outage = self._filesystem(name, store)
        return Bucket(filesystem, store, name, base, outage)

    def _filesystem(self, name: str, store: FileStore) -> tuple[Any, Outage]:
        context = Opening(SERVER_TIMEOUT, self._secrets)
        mark = context.mark(store)
        with self._lock:
            if name not in self._opened or self._opened[name][0] != mark:
                self._opened[name] = mark, store.filesystem(context), Outage()
            return self._opened[name][1:]


@dataclass(slots=True)
class Opening:
    """The ConnectionContext of a filesystem that is opened in this process."""

    timeout: float
    secrets: Secrets

    def secret(self, text: str) -> str:
        name = secret_name(text)
        return self.secrets.get(name) if name else text

    def mark(self, store: FileStore) -> str:
        """What changes when the definition or one of its secrets does."""
        told = {key: self.secret(v) if isinstance(v, str) else v for key, v in store.to_mapping().items()}
        return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class LocalRoot(LocalFiles):
    """A folder of this machine that is changed the way managed folders are."""

    data: Data
    project: str

    def put(self, source: Path, path: str) -> None:
        self.data.put(source, self.inside(path))

    def remove(self, paths: Sequence[str]) -> None:
        for found in [self.existing(path) for path in paths]:
            found.unlink()

    def stage(self, work: Work) -> Path:
        return self.data.stage(self.project, self.root)

    def finish(self, staged: Path) -> tuple[int, int]:
        return self.data.finish_folder(self.project, staged)

    def discard(self, staged: Path) -> None:
        self.data.discard(staged)


@dataclass(frozen=True, slots=True)
class StoreFolder(LocalRoot):
    """A folder of a connection to files of this machine."""

    store: FileStore
    connection: str

    def put(self, source: Path, path: str) -> None:
        self.store.check_may("writable", self.connection)
        LocalRoot.put(self, source, path)

    def remove(self, paths: Sequence[str]) -> None:
        self.store.check_may("writable", self.connection)
        LocalRoot.remove(self, paths)

    def stage(self, work: Work) -> Path:
        self.store.check_may("writable", self.connection)
        self.root.mkdir(parents=True, exist_ok=True)
        return LocalRoot.stage(self, work)


def _folder(store: FileStore, connection: str, below: str) -> Path:
    """A folder below a connection's own. Raises ConnectionFailed where that is not there, Refused where a link leads
    out of it."""
    top = store.folder()
    if not top.is_dir():
        raise ConnectionFailed(
            f"Connection {connection} ({store.place()}): there is no such folder.",
            hint="Is its disk there? Correct `root`, or make the folder.",
        )
    if not (top / below).resolve().is_relative_to(top.resolve()):
        raise leads_out(below)
    return top / below


def _checked(path: str) -> str:
    """A path below a connection's own. Raises Refused for one that leads out."""
    parts = PurePosixPath(path.strip("/")).parts
    if ".." in parts or "\\" in path or "\0" in path:
        raise leads_out(path)
    return "/".join(part for part in parts if part != ".")
