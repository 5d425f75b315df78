"""Orphans: runs whose worker is gone go back on the queue, and what it left of their jobs is ended first."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from penstock.core.scenario import LEASE
from penstock.runtime import recovery
from penstock.runtime.lease import process_of

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.worker import Hold


@dataclass(kw_only=True)
class Lookout:
    """Watches who holds runs. A process of this host that is gone is gone; one that is silent for a lease is too.

    Silence is measured by what this process saw and by the machine's own time, so no jump of any clock takes a run
    away from a living worker or leaves one with a dead one.
    """

    node: Node
    length: timedelta = LEASE
    _since: dict[Hold, float] = field(default_factory=dict)
    """Hold, with its count of beats → when it was first seen so."""

    def look(self) -> list[str]:
        """Put every orphaned run back on the queue; returns their ids."""
        now = time.monotonic()
        holds = self.node.scenario_runs.holds()
        self._since = {hold: self._since.get(hold, now) for hold in holds}
        silent = self.length.total_seconds()
        gone = [h for h in holds if now - self._since[h] >= silent or recovery.is_gone(process_of(h.owner))]
        return [h.run for h in gone if self.node.scenario_runs.requeue(h.run, h.owner, beats=h.beats)]


def end_jobs(node: Node, run: str) -> None:
    """Before a run goes on: jobs of its dead worker are ended and swept away, those of a lost one asked to stop."""
    recovery.recover(node)
    left = [job for job in node.runs.orphans(lambda owner: False) if job.scenario_run == run]
    for job in left:
        node.runs.request_abort(job.id)
