"""The home: what lies on its disk, what waits, who works."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.core.counting import counted
from penstock.core.errors import Conflict
from penstock.core.scenario import RunState
from penstock.core.worker import Worker
from penstock.runtime import alarm, housekeeping, recovery
from penstock.runtime.housekeeping import Tidied

if TYPE_CHECKING:
    from penstock.core.node import Node

PARTS = ("projects", "data", "blobs", "logs", "work")
"""Folders of the home that are told apart."""
UNTOLD = timedelta(days=7)
"""So long a message that reached nobody is told of."""
SILENCE = timedelta(seconds=60)
"""A worker of another host that did not sign for this long is not counted as alive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """A message that reached nobody."""

    run: str
    project: str
    scenario: str
    reporter: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeStatus:
    """A node at one moment."""

    home: Path
    state: str
    """Where its state lies: SQLite in the home, or the address of a PostgreSQL."""
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
    broken: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Project → what is wrong with its files."""
    untold: tuple[Untold, ...] = ()
    """Messages of the last 7 days that reached nobody, newest first."""

    @property
    def total(self) -> int:
        """All bytes of the home."""
        return sum(self.disk.values())

    @property
    def problem(self) -> str:
        """What somebody should do something about, a sentence each; empty when all is well."""
        return " ".join(self.problems)

    @property
    def problems(self) -> tuple[str, ...]:
        """The same, one by one."""
        broken = [f"{key}: {problem}" for key, told in self.broken.items() for problem in told]
        if self.queued and not self.workers:
            wait = "waits" if self.queued == 1 else "wait"
            said = f"{counted(self.queued, 'run')} {wait} and nobody works. Start a worker: penstock work."
            broken.insert(0, said)
        return tuple(broken)


def status(node: Node) -> HomeStatus:
    """Disk use by part, how much there is, what waits and who works, what is broken or reached nobody."""
    unfinished = node.scenario_runs.runs(finished=False, limit=0)
    return HomeStatus(
        home=node.config.home,
        state=node.config.state,
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
        broken=alarm.everywhere(node),
        untold=_untold(node),
    )


def tidy(node: Node) -> Tidied:
    """Remove now what a worker removes once a day, and say how much room that made."""
    before = _files(node)
    found = housekeeping.tidy(node)
    return replace(found, freed=max(0, before - _files(node)))


def rest(node: Node) -> None:
    """Raises Conflict, saying who works, unless no worker lives and no job or run is under way."""
    recovery.recover(node)
    workers = [worker for worker in node.scenario_runs.workers() if is_alive(node, worker)]
    jobs = node.runs.orphans(lambda owner: False)
    held = node.scenario_runs.holds()
    for found, what in ((workers, "worker"), (jobs, "job"), (held, "run of a scenario")):
        if found:
            names = ", ".join(getattr(one, "run", "") or getattr(one, "id", "") for one in found[:3])
            raise Conflict(
                f"{counted(len(found), what)} at work on this home: {names}.",
                hint="Stop servers and workers, let jobs end, then try again.",
            )


def _files(node: Node) -> int:
    """Bytes of everything but the database, which keeps its room for what comes."""
    used = _disk(node.config.home)
    return sum(used.values()) - used["database"]


def _untold(node: Node) -> tuple[Untold, ...]:
    """Reporters that failed in runs that were asked for lately."""
    return tuple(
        Untold(
            run=run.id, project=run.project, scenario=run.scenario, reporter=str(report.get("name")),
            why=str(report.get("why")),
        )
        for run in node.scenario_runs.untold(node.clock.now() - UNTOLD)
        for report in run.failed_reports
    )  # fmt: skip


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
