"""What was asked and answered, one JSON line a record, in files of bounded size and number; one file a process.

A line is written before the reply leaves, in one call of the system: a process that is killed loses none of them.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from penstock.core.process import runs
from penstock_node.settings import JournalSettings
from penstock_node.spelled import loosely

OPEN, CLOSED = ".open", ".jsonl"
HEAD = '{"severity":"INFO","logger":"penstock.node.queries","timestamp":"%s","message":'


class Journal:
    """The journal of one process."""

    def __init__(self, folder: Path, settings: JournalSettings, *, ages: bool, node: str = "") -> None:
        """`ages`: files are also closed by age, because they are sent on."""
        self._folder, self._settings, self._ages, self._node = folder, settings, ages, node
        self._handle, self._size, self._began = -1, 0, 0.0
        self.lost = 0
        """Lines that could not be written, such as on a full disk: queries are answered all the same."""
        if settings.enabled:
            folder.mkdir(parents=True, exist_ok=True)

    def write(self, events: list[dict[str, Any]]) -> None:
        """Write events down, one line each."""
        self.note([loosely({**event, "node": self._node}) for event in events])

    def spelled(self, common: Mapping[str, Any]) -> str:
        """What stands in many events, ready to be continued: everything but the closing brace."""
        return loosely({**common, "node": self._node})[:-1]

    def note(self, events: Sequence[str]) -> None:
        """Write events down that are spelled already, each one line of JSON."""
        if not self._settings.enabled:
            return
        head = HEAD % datetime.now(UTC).isoformat(timespec="milliseconds")
        lines = "".join([f"{head}{event}}}\n" for event in events])
        try:
            self._put(lines.encode("utf-8", "replace"))
        except OSError:
            self.lost += len(events)

    def close(self) -> None:
        """Close the current file, so that it can be sent on."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
            _closed(self._path)

    def turn(self) -> None:
        """Close the file when it is old; asked once in a while."""
        if self._handle >= 0 and self._ages and time.monotonic() - self._began > self._settings.seconds:
            self.close()

    def _put(self, data: bytes) -> None:
        if self._handle < 0:
            self._open()
        os.write(self._handle, data)
        self._size += len(data)
        if self._size >= self._settings.megabytes << 20:
            self.close()
            bound(self._folder, self._settings.files)

    def _open(self) -> None:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        self._path = self._folder / f"{stamp}-{os.getpid()}-{secrets.token_hex(3)}{OPEN}"
        self._handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._size, self._began = 0, time.monotonic()


def _closed(path: Path) -> None:
    os.replace(path, path.with_suffix(CLOSED))


def close_left(folder: Path) -> None:
    """Close the files of processes that are no more."""
    for path in folder.glob(f"*{OPEN}"):
        writer = path.stem.split("-")[1:2]
        if not writer or not runs(int(writer[0])):
            _closed(path)


def closed(folder: Path) -> list[Path]:
    """Finished files, oldest first."""
    return sorted(folder.glob(f"*{CLOSED}"))


def bound(folder: Path, files: int) -> int:
    """Remove the oldest finished files above this number; how many."""
    gone = closed(folder)[:-files]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def lines(folder: Path) -> Iterator[dict[str, Any]]:
    """Every event on this node, in the order of the files; a line cut off by a crash is left out."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        for line in path.read_bytes().splitlines():
            try:
                yield json.loads(line)
            except ValueError:
                continue
