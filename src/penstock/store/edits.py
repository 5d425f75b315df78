"""What was edited by hand: the files that say something else than the last commit.

Asked before every build and save, so it opens git only when a stamp or the last commit is not the one it remembers.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from penstock.store import tree
from penstock.store.git import Repository, blob_hash
from penstock.store.layout import is_definition
from penstock.store.saving import read_bytes

SETTLED = 100_000_000
"""Nanoseconds after which a change of a file surely shows in its stamp."""
MOST_BYTES = 20_000_000
"""A larger new file is data somebody put here: it is left to their own git."""
NAMED = 5

Known = tuple[int, int, int, int, str]
"""What the file system said of a file, and the hash its bytes had then."""


@dataclass
class HandEdits:
    """The hand edits of one project."""

    project: Path
    cache: Path
    head: str = ""
    committed: dict[str, str] = field(default_factory=dict)
    """File → its hash in the last commit."""
    hashes: dict[str, Known] = field(default_factory=dict)
    opened: bool = False
    guard: threading.RLock = field(default_factory=threading.RLock)

    def files(self) -> list[str]:
        """Files that are new, changed or gone since the last commit, in order."""
        with self.guard:
            return self._files()

    def _files(self) -> list[str]:
        self._open()
        before = (self.head, len(self.hashes))
        committed, now = self.in_history(), self._now()
        differing = [f for f in sorted({*committed, *now}) if committed.get(f) != now.get(f)]
        new = [f for f in differing if f not in committed]
        left = self._left_alone(new) if new else frozenset()
        if before != (self.head, len(self.hashes)):
            self._keep()
        return [f for f in differing if f not in left]

    def in_history(self) -> Mapping[str, str]:
        """File → its hash in the last commit, of the files a project is made of."""
        with self.guard:
            return self._in_history()

    def _in_history(self) -> Mapping[str, str]:
        if not (self.project / ".git").exists():
            return {}
        head = _head(self.project) or Repository(self.project).head()
        if head != self.head:
            listed = Repository(self.project).listing()
            self.head, self.committed = head, {f: h for f, h in listed.items() if tree.belongs(f)}
        return self.committed

    def _now(self) -> dict[str, str]:
        """File → the hash its bytes have now."""
        found: dict[str, str] = {}
        for file in tree.tracked(self.project):
            try:
                found[file] = self._hash(file)
            except FileNotFoundError:
                continue
        self.hashes = {file: known for file, known in self.hashes.items() if file in found}
        return found

    def _hash(self, file: str) -> str:
        stat = (self.project / file).stat()
        stamp = (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino)
        known = self.hashes.get(file)
        if known is not None and known[:4] == stamp:
            return known[4]
        if stat.st_size > MOST_BYTES and file not in self.committed:
            return ""
        hash = blob_hash((self.project / file).read_bytes())
        if time.time_ns() - max(stamp[:2]) > SETTLED:
            self.hashes[file] = (*stamp, hash)
        return hash

    def _left_alone(self, new: Iterable[str]) -> frozenset[str]:
        """New files that are nobody's definition: what .gitignore names, and large data."""
        ignored = Repository(self.project).ignored(new) if (self.project / ".git").exists() else frozenset()
        large = {f for f in new if self._size(f) > MOST_BYTES}
        return frozenset(f for f in new if not is_definition(f) and (f in ignored or f in large))

    def _size(self, file: str) -> int:
        try:
            return (self.project / file).stat().st_size
        except FileNotFoundError:
            return 0

    def _open(self) -> None:
        if self.opened:
            return
        self.opened = True
        try:
            kept = json.loads(self.cache.read_bytes())
            self.head, self.committed = kept["head"], kept["committed"]
            self.hashes = {file: (*known,) for file, known in kept["hashes"].items()}
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            self.head = ""

    def _keep(self) -> None:
        """Losing this to a crash costs reading the files once more, so nothing waits for the disk."""
        self.cache.parent.mkdir(parents=True, exist_ok=True)
        aside = self.cache.with_suffix(f".{secrets.token_hex(4)}.new")
        text = {"head": self.head, "committed": self.committed, "hashes": self.hashes}
        aside.write_text(json.dumps(text))
        os.replace(aside, self.cache)


def contents(project: Path, files: Iterable[str]) -> dict[str, bytes | None]:
    """What the files hold now; None for one that is gone."""
    return {file: read_bytes(project, file) for file in files}


def message(files: list[str]) -> str:
    """What a commit of hand edits says."""
    more = f" and {len(files) - NAMED} more" if len(files) > NAMED else ""
    return f"Edited by hand: {', '.join(files[:NAMED])}{more}"


def _head(project: Path) -> str:
    """The id of the last commit as a plain file says it; empty when it takes git to know."""
    try:
        head = (project / ".git/HEAD").read_text().strip()
        if head.startswith("ref: "):
            head = (project / ".git" / head.removeprefix("ref: ")).read_text().strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    return head if len(head) == 40 else ""
