"""Lookers: the threads of a worker that let slow looks of triggers take their time beside the others."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Work = Callable[[], Any]


@dataclass
class Lookers:
    """A few threads that do what is put in line, and end when nothing is. They keep no process alive."""

    most: int
    """Threads at once."""
    _line: deque[Work] = field(default_factory=deque)
    _busy: int = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def __len__(self) -> int:
        """How many wait in line."""
        return len(self._line)

    def put(self, work: Work) -> None:
        with self._changed:
            self._line.append(work)
            if self._busy < self.most:
                self._busy += 1
                threading.Thread(target=self._go_on, name="look at triggers", daemon=True).start()

    def wait(self, timeout: float | None = None) -> bool:
        """Until all is done; False when time was up before."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy, timeout)

    def _go_on(self) -> None:
        for work in iter(self._next, None):
            with contextlib.suppress(SystemExit):  # somebody's code must not end our thread
                work()

    def _next(self) -> Work | None:
        with self._changed:
            if self._line:
                return self._line.popleft()
            self._busy -= 1
            self._changed.notify_all()
            return None
