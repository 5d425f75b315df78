"""Files that are either whole or not there: atomic writes, locks, safe names, and who left what behind."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from penstock.core.errors import Conflict
from penstock.core.process import is_running, started

CHUNK = 1 << 20


class Digest(Protocol):
    """What hashlib's objects have in common."""

    def update(self, data: bytes, /) -> None: ...


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file in one step; after a crash it holds the old bytes or the new ones, never a mixture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Make the bytes of a file, written by anybody, durable."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def hash_into(digest: Digest, path: Path) -> int:
    """Feed a file's bytes to a digest; returns how many there were."""
    size = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return size


def remove_folder(folder: Path) -> None:
    """Make a folder vanish in one step, then free its space."""
    if not folder.exists():
        return
    doomed = folder.with_name(f".dropped-{secrets.token_hex(6)}")
    folder.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)


@contextmanager
def locked(path: Path, *, wait: float = 60.0, what: str = "") -> Iterator[None]:
    """Hold a file lock across threads and processes. The system frees it when its holder dies.

    Raises Conflict, naming the holding process, when it is not free within `wait` seconds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        _acquire(file.fileno(), path, wait, what)
        try:
            file.truncate(0)
            file.write(f"{os.getpid()}")
            file.flush()
            yield
        finally:
            fcntl.flock(file.fileno(), fcntl.LOCK_UN)


@contextmanager
def turn(path: Path) -> Iterator[None]:
    """Wait for one's turn, however long it takes, and hold it. Whoever waits here sleeps until the turn comes, instead
    of trying again and again and being overtaken. The system passes it on when its holder dies."""
    with path.open("ab") as file:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(file.fileno(), fcntl.LOCK_UN)


def _acquire(handle: int, path: Path, wait: float, what: str) -> None:
    deadline, pause = time.monotonic() + wait, 0.001
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Conflict(
                    f"{what or path.name} is in use by process {path.read_text() or '?'}.",
                    hint="Wait for it to finish, or end that process.",
                ) from None
            time.sleep(pause)
            pause = min(pause * 1.5, 0.05)


@cache
def _host() -> str:
    return sha256(socket.gethostname().encode()).hexdigest()[:8]


def this_process() -> str:
    """A mark for what this process leaves lying around: pid, start, host."""
    return _mark(os.getpid())


@cache
def _mark(pid: int) -> str:
    return f"{pid}-{started(pid)}-{_host()}"


def left_behind(mark: str) -> bool:
    """Whether the process with that mark is certainly gone. One on another host never is."""
    pid, _, rest = mark.partition("-")
    began, _, host = rest.partition("-")
    if host != _host() or not pid.isdigit() or not began.isdigit():
        return False
    return not is_running(int(pid), began)
