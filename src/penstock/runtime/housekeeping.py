"""Housekeeping: once a day, what the settings no longer keep and what dead processes left behind is removed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.core.user import REMEMBERED
from penstock.runtime import keeping, recovery
from penstock.runtime.contexts import work_root

if TYPE_CHECKING:
    from penstock.core.node import Node

EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tidied:
    """What was removed."""

    runs: int
    """Runs of scenarios, with their logs."""
    jobs: int
    """Jobs, with their logs."""
    logs: int
    """Jobs that lost only their logs."""
    left_overs: int
    """Files and folders that dead processes left."""
    freed: int = 0
    """Bytes of files; a database keeps its room for what comes."""

    def __bool__(self) -> bool:
        return bool(self.runs or self.jobs or self.logs or self.left_overs)


def when_due(node: Node) -> int:
    """Tidy up unless that was done within a day; returns how many jobs and runs were dropped or lost their logs."""
    if node.clock.now() - _done_at(_mark(node)) < EVERY:
        return 0
    found = tidy(node)
    return found.runs + found.jobs + found.logs


def tidy(node: Node) -> Tidied:
    """Keep what the settings say of logs (`logs_…`), jobs (`jobs_…`) and runs of scenarios (`runs_…`)."""
    _mark(node).parent.mkdir(parents=True, exist_ok=True)
    _mark(node).touch()
    left_overs = keeping.sweep(node)
    left_overs += _sweep_work(node) + node.data.sweep() + node.files.sweep() + node.blobs.sweep()
    _sweep_workers(node)
    node.credentials.sweep(node.clock.now(), REMEMBERED)
    config, now = node.config, node.clock.now()
    left_overs += node.scenario_runs.sweep(now - EVERY)
    return Tidied(
        left_overs=left_overs,
        runs=node.scenario_runs.prune(now=now, kept=config.runs_kept, days=config.runs_days),
        jobs=node.runs.prune_jobs(now=now, kept=config.jobs_kept, days=config.jobs_days),
        logs=node.runs.prune_logs(now=now, kept=config.logs_kept, days=config.logs_days),
    )


def tidied_at(node: Node) -> datetime | None:
    """When that was last done."""
    at = _done_at(_mark(node))
    return at if at.year > 1 else None


def _sweep_workers(node: Node) -> None:
    """Workers that died without a word, of this host or silent for a day."""
    for worker in node.scenario_runs.workers():
        if recovery.is_gone(worker.id) or node.clock.now() - worker.seen_at > EVERY:
            node.scenario_runs.sign_off(worker.id)


def _mark(node: Node) -> Path:
    """The file whose time says when that was."""
    return node.config.home / "run" / "tidied"


def _sweep_work(node: Node) -> int:
    """Private folders of processes that died while they read: a day old, and of no job that still runs."""
    running = {job.id for job in node.runs.orphans(lambda owner: False)}
    oldest = node.clock.now() - EVERY
    root = work_root(node)
    left = [
        folder
        for folder in (root.iterdir() if root.exists() else ())
        if folder.name not in running and _done_at(folder) < oldest
    ]
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    return len(left)


def _done_at(mark: Path) -> datetime:
    try:
        return datetime.fromtimestamp(mark.stat().st_mtime, UTC)
    except FileNotFoundError:
        return datetime.min.replace(tzinfo=UTC)
