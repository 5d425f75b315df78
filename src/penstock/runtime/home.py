"""The home: what lies on its disk, what waits, who works."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.core.scenario import RunState
from penstock.core.worker import Worker
from penstock.runtime import housekeeping, recovery

if TYPE_CHECKING:
    from penstock.core.node import Node

PARTS = ("projects", "data", "blobs", "logs", "work")
"""Folders of the home that are told apart."""
SILENCE = timedelta(seconds=60)
"""A worker of another host that did not sign for this long is not counted as alive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeStatus:
    """A node at one moment."""

    home: Path
    disk: Mapping[str, int]
    """Part → bytes: projects, data, blobs, logs, work, database, other."""
    counts: Mapping[str, int]
    """projects, jobs, runs."""
    workers: tuple[Worker, ...]
    """Those that live."""
    queued: int
    """Runs of scenarios that wait for a worker or their turn."""
    running: int
    tidied_at: datetime | None
    """When old logs, jobs and runs were last removed."""

    @property
    def total(self) -> int:
        """All bytes of the home."""
        return sum(self.disk.values())

    @property
    def problem(self) -> str:
        """What somebody should do something about; empty when all is well."""
        if self.queued and not self.workers:
            return f"{self.queued} runs wait and nobody works. Start a worker: penstock work."
        return ""


def status(node: Node) -> HomeStatus:
    """Disk use by part, how much there is, what waits and who works."""
    unfinished = node.scenario_runs.runs(finished=False, limit=0)
    return HomeStatus(
        home=node.config.home,
        disk=_disk(node.config.home),
        counts={
            "projects": len(node.projects.keys()),
            "jobs": node.runs.count(),
            "runs": node.scenario_runs.count(),
        },
        workers=tuple(w for w in node.scenario_runs.workers() if is_alive(node, w)),
        queued=sum(run.state is RunState.QUEUED for run in unfinished),
        running=sum(run.state is RunState.RUNNING for run in unfinished),
        tidied_at=housekeeping.tidied_at(node),
    )


def is_alive(node: Node, worker: Worker) -> bool:
    """Whether a worker still works, as far as can be known from here."""
    if recovery.is_here(worker.id):
        return not recovery.is_gone(worker.id)
    return node.clock.now() - worker.seen_at < SILENCE


def _disk(home: Path) -> dict[str, int]:
    used = {part: _size(home / part) for part in PARTS}
    used["database"] = sum(p.stat().st_size for p in home.glob("state.db*"))
    used["other"] = max(0, _size(home) - sum(used.values()))
    return used


def _size(folder: Path) -> int:
    """Bytes of all files below; those that vanish meanwhile count nothing."""
    total, waiting = 0, [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
        except FileNotFoundError:
            continue
    return total
