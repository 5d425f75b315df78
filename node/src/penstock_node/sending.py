"""Sending finished files of the journal to the design node; what it does not take waits here, bounded."""

from __future__ import annotations

import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from penstock_node import journal
from penstock_node.settings import DesignNode, JournalSettings

PART = 8 << 20
"""Bytes of one message at most."""
SHORTEST, LONGEST = 1.0, 300.0
"""Seconds between two attempts."""


class Sender(threading.Thread):
    """Sends one file after the other and deletes what was taken; patient with a node that is away."""

    def __init__(self, folder: Path, design: DesignNode, kept: JournalSettings, node: str) -> None:
        super().__init__(name="journal-sender", daemon=True)
        self._folder, self._design, self._kept, self._node = folder, design, kept, node
        self._stopped, self._pause = threading.Event(), SHORTEST

    def run(self) -> None:
        while not self._stopped.wait(self._pause):
            self.once()

    def once(self) -> bool:
        """Send all that is finished. False when the design node did not take one."""
        journal.close_left(self._folder)
        for path in journal.closed(self._folder):
            if not self._sent(path):
                self._pause = min(LONGEST, self._pause * 2)
                journal.bound(self._folder, self._kept.files)
                return False
            path.unlink(missing_ok=True)
        self._pause = SHORTEST
        return True

    def stop(self) -> None:
        self._stopped.set()

    def _sent(self, path: Path) -> bool:
        return all(self._posted(f"{path.stem}-{n}", part) for n, part in enumerate(_parts(path)))

    def _posted(self, segment: str, body: bytes) -> bool:
        query = urllib.parse.urlencode({"node": self._node, "segment": segment})
        asked = urllib.request.Request(
            f"{self._design.url.rstrip('/')}/api/v1/journal?{query}", data=body, method="POST",
            headers={"Authorization": f"Bearer {self._design.key}", "Content-Type": "application/x-ndjson"},
        )  # fmt: skip
        try:
            with urllib.request.urlopen(asked, timeout=30) as reply:
                return bool(200 <= reply.status < 300)
        except (urllib.error.URLError, OSError, ValueError) as error:
            print(f"{time.strftime('%FT%T')} the journal waits: {error}", file=sys.stderr, flush=True)
            return False


def _parts(path: Path) -> Iterator[bytes]:
    """The file in pieces of whole lines."""
    piece: list[bytes] = []
    size = 0
    with path.open("rb") as file:
        for line in file:
            if piece and size + len(line) > PART:
                yield b"".join(piece)
                piece, size = [], 0
            piece.append(line)
            size += len(line)
    if piece:
        yield b"".join(piece)
