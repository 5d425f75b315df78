"""Connections of endpoints to databases: idle ones are used again, one that died is opened anew."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable, Iterator
from typing import Any

from penstock.core.package import Connected

IDLE = 10
"""Connections that are kept open while nobody asks."""


class Pool:
    """A few connections of a driver, each used by one query at a time."""

    def __init__(self, open: Callable[[], Any]) -> None:
        self._open = open
        self._idle: queue.LifoQueue[Any] = queue.LifoQueue(IDLE)

    @classmethod
    def of(cls, connected: Connected) -> Pool:
        return cls(lambda: connected.database.plain(connected.context))

    @contextlib.contextmanager
    def connection(self) -> Iterator[Any]:
        """A connection; one whose query raised is closed, for it may be broken."""
        try:
            con = self._idle.get_nowait()
        except queue.Empty:
            con = self._open()
        kept = False
        try:
            yield con
            kept = not self._idle.full()
        finally:
            if kept:
                self._keep(con)
            else:
                _closed(con)

    def _keep(self, con: Any) -> None:
        try:
            self._idle.put_nowait(con)
        except queue.Full:
            _closed(con)

    def idle(self) -> int:
        return self._idle.qsize()

    def close(self) -> None:
        while self.idle():
            with contextlib.suppress(queue.Empty):
                _closed(self._idle.get_nowait())


def _closed(con: Any) -> None:
    with contextlib.suppress(Exception):
        con.close()
