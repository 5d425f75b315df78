"""What was fetched from object stores, kept for the next reader: bounded, by the content's own mark.

home/cache/files/<sha256 of where it came from and its etag>        never changed, dropped oldest use first
                 .incoming-<id>-<process>                           being fetched
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

from penstock.store.disk import left_behind, sync_file, this_process

INCOMING = ".incoming-"
UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
CHECKS = 20
"""How often, on the way to being full, the folder is looked at whole."""


class FileCache:
    """Files by a text that says what they hold. One that is longer than `most` bytes is kept for its reader only."""

    def __init__(self, folder: Path, most: int) -> None:
        self._folder, self._most = folder, most
        self._added = most  # the first addition looks at what earlier processes left
        self._lock = threading.Lock()

    def linked(self, mark: str, target: Path, fetch: Callable[[Path], None]) -> None:
        """Put the file of a mark at a path; `fetch` writes it where nobody has it yet. The link outlives the cache."""
        kept = self._folder / sha256(mark.encode()).hexdigest()
        target.parent.mkdir(parents=True, exist_ok=True)
        if not _link(kept, target):
            self._fetched(kept, target, fetch)
        with contextlib.suppress(FileNotFoundError):
            os.utime(kept)

    def sweep(self) -> int:
        """Remove what dead processes were fetching; returns how many."""
        doomed = [p for p in self._folder.glob(f"{INCOMING}*") if left_behind(p.name.split("-", 2)[2])]
        for path in doomed:
            path.unlink(missing_ok=True)
        return len(doomed)

    def _fetched(self, kept: Path, target: Path, fetch: Callable[[Path], None]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        aside = self._folder / f"{INCOMING}{token_hex(4)}-{this_process()}"
        try:
            fetch(aside)
            sync_file(aside)
            size = aside.stat().st_size
            _place(aside, target)
            os.replace(aside, kept)
        finally:
            aside.unlink(missing_ok=True)
        self._make_room(size)

    def _make_room(self, added: int) -> None:
        with self._lock:
            self._added += added
            if self._added < self._most / CHECKS:
                return
            self._added = 0
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        """Drop files, the longest unused first, until the rest is at most what may be kept."""
        seen = sorted((p.stat().st_mtime_ns, p.stat().st_size, p) for p in self._folder.glob("[!.]*"))
        excess = sum(size for _, size, _ in seen) - self._most
        for _, size, path in seen:
            if excess <= 0:
                return
            path.unlink(missing_ok=True)
            excess -= size


def bytes_of(text: str) -> int:
    """`10GB` → 10,000,000,000; `2 GiB` → 2,147,483,648."""
    found = re.fullmatch(r"([0-9.]+) ?([KMGT]?)(i?)B", text, re.IGNORECASE)
    if found is None:
        raise ValueError(text)
    number, unit, is_binary = found.groups()
    power = "kmgt".index(unit.lower()) + 1 if unit else 0
    return int(float(number) * (1024**power if is_binary else UNITS[unit.lower()]))


def _link(source: Path, target: Path) -> bool:
    """Whether the source is there and stands at the target now."""
    try:
        _place(source, target)
    except FileNotFoundError:
        return False
    return True


def _place(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, target)
