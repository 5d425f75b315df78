"""Slots: how many activities and jobs run at once, over all processes of a node, first come first served.

A slot is a file lock under `<home>/run/slots/<queue>/`. The system frees it when its holder dies, so a killed
process never takes a slot to its grave, and nothing has to be cleaned up.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from penstock.core.config import Limits


@dataclass(frozen=True, slots=True)
class Queue:
    """One limit: its key, as people write it, and how many may run at once."""

    key: str
    limit: int

    @property
    def words(self) -> str:
        return "a global slot" if self.key == "activities" else f"a slot of {self.key}"


@dataclass(slots=True)
class Slots:
    """What one activity holds of the limits that apply to it: all of them or none."""

    root: Path
    queues: Sequence[Queue]
    _held: list[int] = field(default_factory=list)
    _tickets: dict[str, tuple[int, Path]] = field(default_factory=dict)

    def take(self) -> str:
        """Take one slot of every queue now. Returns "" when they were free, else what it waits for, as a sentence."""
        for queue in self.queues:
            ahead = self._ahead(queue)
            handle = _free_slot(self.root / quote(queue.key, safe=""), queue.limit) if ahead == 0 else None
            if handle is None:
                self._give_back()
                self._stand_in(queue)
                return f"queued: waiting for {queue.words} ({ahead} ahead)"
            self._held.append(handle)
        self._leave_queues()
        return ""

    def free(self) -> None:
        """Give everything back, and leave every queue."""
        self._give_back()
        self._leave_queues()

    def _give_back(self) -> None:
        while self._held:
            os.close(self._held.pop())

    def _leave_queues(self) -> None:
        while self._tickets:
            _, (handle, path) = self._tickets.popitem()
            path.unlink(missing_ok=True)
            os.close(handle)

    def _stand_in(self, queue: Queue) -> None:
        if queue.key not in self._tickets:
            folder = _made(self.root / quote(queue.key, safe="") / "waiting")
            path = folder / f"{time.time_ns():020}-{os.getpid()}-{id(self)}"
            handle = os.open(path, os.O_CREAT | os.O_RDWR)
            fcntl.flock(handle, fcntl.LOCK_EX)
            self._tickets[queue.key] = (handle, path)

    def _ahead(self, queue: Queue) -> int:
        """How many came before: tickets whose holder lives. Those of the dead are thrown away."""
        folder = self.root / quote(queue.key, safe="") / "waiting"
        own = self._tickets[queue.key][1].name if queue.key in self._tickets else "~"
        names = sorted(n for n in os.listdir(folder) if n < own) if folder.exists() else []
        return sum(_is_held(folder / name) for name in names)


def of_activity(
    limits: Limits, *, project: str, user: str, recipe_type: str, tags: Sequence[str]
) -> list[Queue]:
    """The queues an activity stands in: the node's, and those of its project, user, kind of recipe and tags."""
    keys = [f"project/{project}", f"user/{user}", f"recipe_type/{recipe_type}", *(f"tag/{t}" for t in tags)]
    keyed = [Queue(key, limits.keyed[key]) for key in keys if limits.keyed.get(key)]
    return [*([Queue("activities", limits.activities)] if limits.activities else []), *keyed]


def of_job(limits: Limits) -> list[Queue]:
    """The queue a job stands in: at most `jobs` at once, and never more than `activities`."""
    if not limits.jobs:
        return []
    most = min(limits.jobs, limits.activities) if limits.activities else limits.jobs
    return [Queue("jobs", most)]


def _free_slot(folder: Path, limit: int) -> int | None:
    _made(folder)
    for number in range(limit):
        handle = os.open(folder / f"{number}.lock", os.O_CREAT | os.O_RDWR)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
        except BlockingIOError:
            os.close(handle)
    return None


def _is_held(ticket: Path) -> bool:
    try:
        handle = os.open(ticket, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    ticket.unlink(missing_ok=True)
    return False


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
