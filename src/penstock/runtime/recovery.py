"""Recovery: jobs whose process is gone are ended, what they held is freed, what they left half-written is removed."""

from __future__ import annotations

import os
import shutil
import socket
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from penstock.core.job import Activity, ActivityState, Job, JobState
from penstock.core.process import is_running, started
from penstock.runtime import states
from penstock.runtime.contexts import work_root

if TYPE_CHECKING:
    from penstock.core.node import Node

SILENCE = timedelta(seconds=60)
"""A job of another host without a heartbeat for this long is taken for dead."""

HOLD = "@"
"""Between the id of a hold with the second it was made in, and its process; no job has one in its id."""
LONGEST = timedelta(minutes=15)
"""A hold of another host, which may be gone with its name, ends after this long: it is made for moments."""

ENDED = "The process that ran this job ended before the job did."


def recover(node: Node) -> list[Job]:
    """End every orphan as FAILED. Data that was current stays current; the next build takes up from there."""
    dead = [job for job in node.runs.orphans(lambda owner: False) if _is_dead(node, job)]
    if dead:
        node.data.sweep()  # before what they claimed is free for others: a swap they began is completed first
    for holder in node.runs.holders():
        if is_hold(holder) and _is_over(holder, node.clock.now()):
            node.runs.release(holder)
    return [_end(node, job) for job in dead]


def owner() -> str:
    """host:pid:start of this process; how an orphan is told from a running job."""
    return _owner(os.getpid())


@cache
def _owner(pid: int) -> str:
    return f"{socket.gethostname()}:{pid}:{started(pid)}"


def hold_of(id: str, at: datetime) -> str:
    """The name under which this process holds objects without being a job; an id of its own for each hold."""
    return f"{id}-{int(at.timestamp())}{HOLD}{owner()}"


def is_hold(holder: str) -> bool:
    """Whether who holds an object is no job but another change of the project."""
    return HOLD in holder


def _is_over(hold: str, now: datetime) -> bool:
    name, _, process = hold.partition(HOLD)
    made = int(name.rpartition("-")[2])
    return is_gone(process) or (not is_here(process) and now.timestamp() - made > LONGEST.total_seconds())


def is_gone(process: str) -> bool:
    """Whether a process of this host, `host:pid:start`, has certainly ended. One of another host never has."""
    return is_here(process) and process != owner() and not _lives(process)


def is_here(process: str) -> bool:
    """Whether a process is one of this host."""
    return process.startswith(f"{socket.gethostname()}:")


def _is_dead(node: Node, job: Job) -> bool:
    if is_here(job.owner):
        return is_gone(job.owner)
    seen = job.heartbeat_at or job.created_at
    return node.clock.now() - seen > SILENCE


def _lives(mark: str) -> bool:
    """Whether the process of an owner text on this host still runs."""
    _, pid, began = mark.rsplit(":", 2)
    return is_running(int(pid), began)


def _end(node: Node, job: Job) -> Job:
    now = node.clock.now()
    activities = node.runs.activities(job.id)
    for activity in activities:
        if activity.state is ActivityState.RUNNING:
            states.mark_failed(node, job.project, activity)
        if not activity.state.final:
            node.runs.save_activity(_ended(activity, now))
    node.runs.release(job.id)
    shutil.rmtree(work_root(node) / job.id, ignore_errors=True)
    ended = replace(job, state=JobState.FAILED, ended_at=now, error=ENDED, error_code="process-ended")
    node.runs.update_job(ended)
    return ended


def _ended(activity: Activity, now: datetime) -> Activity:
    if activity.state is ActivityState.NOT_STARTED:
        return replace(activity, state=ActivityState.SKIPPED, waiting_for=ENDED)
    return replace(
        activity, state=ActivityState.FAILED, ended_at=now, error=ENDED, error_code="process-ended"
    )
