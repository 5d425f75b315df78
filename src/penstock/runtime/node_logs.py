"""Logs of the node: what its servers and workers say of themselves, each process in a file of its own."""

from __future__ import annotations

import logging
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from penstock.core.access import Permission
from penstock.core.errors import NotFound
from penstock.runtime import guards

if TYPE_CHECKING:
    from penstock.core.node import Node

Sort = Literal["server", "worker"]
SAID_BY = ("penstock", "uvicorn.error")
"""Loggers whose lines are kept."""
MOST_BYTES = 2_000_000
"""Of one file; the one before it is kept beside it."""
MOST_FILES = 20
TAIL = 200_000
"""Bytes of the end that are shown."""

_KEPT: set[Path] = set()
"""Folders that this process writes to already."""
log = logging.getLogger("penstock.node")


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeLog:
    """One process's log."""

    name: str
    size: int
    changed_at: datetime


class _Masked(logging.Formatter):
    """Lines with time and level; no value that is sealed on the node is among them."""

    def __init__(self, node: Node) -> None:
        super().__init__()
        self._node = node

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        if record.exc_info:
            text = f"{text}\n{self.formatException(record.exc_info)}"
        stamp = f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3]
        level = {"WARNING": "WARN", "CRITICAL": "ERROR"}.get(record.levelname, record.levelname)
        lines = self._node.secrets.mask(text).splitlines() or [""]
        return "\n".join(f"{stamp}Z [{level}] {record.name}: {line}" for line in lines)


@contextmanager
def kept(node: Node, sort: Sort) -> Iterator[None]:
    """Keep what this process says while the block runs; a worker inside of a server says it in the server's log.

    The oldest files of processes that are gone make room.
    """
    folder = _folder(node)
    if folder in _KEPT:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    _make_room(folder)
    name = re.sub(r"[^\w.-]", "_", f"{sort}-{socket.gethostname()}-{os.getpid()}.log")
    handler = RotatingFileHandler(folder / name, maxBytes=MOST_BYTES, backupCount=1, encoding="utf-8")
    handler.setFormatter(_Masked(node))
    handler.setLevel(logging.INFO)
    loggers = [logging.getLogger(one) for one in SAID_BY]
    before = log.level
    _KEPT.add(folder)
    log.setLevel(logging.INFO)
    for logger in loggers:
        logger.addHandler(handler)
    try:
        log.info(f"This {sort} began.")
        yield
        log.info(f"This {sort} ended.")
    finally:
        _KEPT.discard(folder)
        for logger in loggers:
            logger.removeHandler(handler)
        log.setLevel(before)
        handler.close()


def listing(node: Node) -> list[NodeLog]:
    """The logs there are, the one that changed last first. For administrators."""
    guards.require(node, Permission.ADMINISTRATOR)
    return [_log(path) for path in _files(_folder(node))]


def read(node: Node, name: str = "") -> str:
    """The end of a log, of the newest without a name. Raises NotFound with the nearest; empty while there is none."""
    return piece(node, name)[0]


def piece(node: Node, name: str = "", *, start: int = 0) -> tuple[str, int]:
    """What a log holds from a byte offset on (at most its end), and the offset after it.

    What was sealed since a line was written is masked, too.
    """
    found = listing(node)
    if not name and not found:
        return "", 0
    names = [one.name for one in found]
    if name and name not in names:
        raise NotFound("log", name, among=names, where="this node")
    with (_folder(node) / (name or names[0])).open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        begin = max(start if start <= size else 0, size - TAIL)
        file.seek(begin)
        text = file.read(TAIL).decode("utf-8", errors="replace")
    whole = text if begin == start else text.partition("\n")[2]
    return node.secrets.mask(whole), size


def _folder(node: Node) -> Path:
    return node.config.home / "logs" / "node"


def _files(folder: Path) -> list[Path]:
    found = [path for path in folder.glob("*.log*") if path.is_file()]
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def _log(path: Path) -> NodeLog:
    about = path.stat()
    changed = datetime.fromtimestamp(about.st_mtime, UTC)
    return NodeLog(name=path.name, size=about.st_size, changed_at=changed)


def _make_room(folder: Path) -> None:
    for path in _files(folder)[MOST_FILES - 1 :]:
        path.unlink(missing_ok=True)
