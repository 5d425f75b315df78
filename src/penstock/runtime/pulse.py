"""Pulse: a running job shows that it lives, and notices when somebody wants it to stop."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from penstock.core.errors import Aborted

if TYPE_CHECKING:
    from penstock.core.node import Node

LOOK = 0.2
"""Seconds between two looks at whether somebody aborted the job."""
HEARTBEAT = timedelta(seconds=5)


@dataclass(frozen=True)
class Pulse:
    """Beats while it is open. Anybody, in any process, may ask the job to stop; `stop` is set soon afterwards."""

    node: Node
    job: str
    stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def beating(self) -> Iterator[None]:
        over = threading.Event()
        thread = threading.Thread(target=self._beat, args=(over,), name=f"pulse of {self.job}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def wait(self, seconds: float) -> None:
        """Let some time pass. Raises Aborted as soon as the job should stop."""
        if self.stop.wait(seconds):
            raise Aborted("The job was aborted.")

    def _beat(self, over: threading.Event) -> None:
        beaten = self.node.clock.now()
        while not over.is_set():
            if self.node.runs.abort_requested(self.job):
                self.stop.set()
            if self.node.clock.now() - beaten > HEARTBEAT:
                beaten = self.node.clock.now()
                self.node.runs.heartbeat(self.job, beaten)
            over.wait(LOOK)
