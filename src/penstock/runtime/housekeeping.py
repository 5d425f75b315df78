"""Housekeeping: once a day, logs that the settings no longer keep and forgotten private folders are removed."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.runtime.contexts import work_root

if TYPE_CHECKING:
    from penstock.core.node import Node

EVERY = timedelta(days=1)


def when_due(node: Node) -> int:
    """Tidy up unless that was done within a day; returns how many jobs lost their logs."""
    mark = node.config.home / "run" / "tidied"
    if node.clock.now() - _done_at(mark) < EVERY:
        return 0
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()
    return tidy(node)


def tidy(node: Node) -> int:
    """Remove logs older than `logs_days`, and all but the newest `logs_kept` of each project. Jobs stay listed."""
    _sweep_work(node)
    return node.runs.prune_logs(now=node.clock.now(), kept=node.config.logs_kept, days=node.config.logs_days)


def _sweep_work(node: Node) -> None:
    """Private folders of processes that died while they read: a day old, and of no job that still runs."""
    running = {job.id for job in node.runs.orphans(lambda owner: False)}
    oldest = node.clock.now() - EVERY
    root = work_root(node)
    for folder in root.iterdir() if root.exists() else ():
        if folder.name not in running and _done_at(folder) < oldest:
            shutil.rmtree(folder, ignore_errors=True)


def _done_at(mark: Path) -> datetime:
    try:
        return datetime.fromtimestamp(mark.stat().st_mtime, UTC)
    except FileNotFoundError:
        return datetime.min.replace(tzinfo=UTC)
