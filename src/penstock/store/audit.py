"""The audit log: one JSON object a line in home/audit/audit.jsonl; at 100 MB it becomes audit.1.jsonl, and so on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from penstock.store.disk import locked

NAME = "audit"
LARGEST = 100 * 1000**2
KEPT = 20
PIECE = 1 << 16
APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT


class FileAudit:
    """The Audit port on files of the home. Several processes write to it at once."""

    def __init__(self, home: Path, *, largest: int = LARGEST, kept: int = KEPT) -> None:
        self.folder, self._largest, self._kept = home / NAME, largest, kept

    def add(self, record: Mapping[str, Any]) -> None:
        line = json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=str) + "\n"
        with locked(self.folder / ".lock", what="the audit log"):
            self._turn_over(len(line.encode()))
            with os.fdopen(os.open(self._file(0), APPEND, 0o600), "a", encoding="utf-8") as file:
                file.write(line)

    def newest_first(self) -> Iterator[Mapping[str, Any]]:
        for path in self.files():
            for line in _backwards(path):
                found = _read(line)
                if found is not None:
                    yield found

    def files(self) -> list[Path]:
        """The files there are, newest first."""
        return [path for number in range(self._kept) if (path := self._file(number)).exists()]

    def _file(self, number: int) -> Path:
        return self.folder / (f"{NAME}.{number}.jsonl" if number else f"{NAME}.jsonl")

    def _turn_over(self, coming: int) -> None:
        """Begin a new file when this one is full; the oldest goes."""
        now = self._file(0)
        if not now.exists() or now.stat().st_size + coming <= self._largest:
            return
        self._file(self._kept - 1).unlink(missing_ok=True)
        for number in reversed(range(self._kept - 1)):
            if self._file(number).exists():
                self._file(number).rename(self._file(number + 1))


def _backwards(path: Path) -> Iterator[bytes]:
    """The lines of a file, last first, without reading more of it than somebody wants."""
    with path.open("rb") as file:
        place, rest = file.seek(0, os.SEEK_END), b""
        while place > 0:
            step = min(PIECE, place)
            place -= step
            file.seek(place)
            first, *lines = (file.read(step) + rest).split(b"\n")
            yield from (line for line in reversed(lines) if line)
            rest = first
        if rest:
            yield rest


def _read(line: bytes) -> Mapping[str, Any] | None:
    """One record; None for a line that a crash cut short."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
