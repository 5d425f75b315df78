"""Working: a worker in the foreground that says what it does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from penstock.core.scenario import ScenarioRun
from penstock.runtime import node_logs, orphans, stepping, triggers, worker
from penstock.runtime.alarm import Alarm
from penstock.runtime.lease import Lease

if TYPE_CHECKING:
    from penstock.core.node import Node

Tell = Callable[[ScenarioRun], None]
"""Told of a run when this worker begins it, and once more when it puts it down."""


def unheard(run: ScenarioRun) -> None:
    """For those who do not listen."""


def work(
    node: Node, *, runs: int = 0, until_idle: bool = False, tell: Tell = unheard,
    stop: threading.Event | None = None, alarm: Callable[[str], None] | None = None,
) -> None:  # fmt: skip
    """Take runs off the queue until somebody says stop, `runs` at once (the node's setting when 0).

    With `until_idle` triggers are looked at once, what waits is done, and that is all. `alarm` is told of project
    files that cannot be used, once and again when that changes.
    """
    watch = None if until_idle else alarm
    settings = worker.Settings(lanes=runs, execute=partial(_told, tell), triggers=not until_idle, alarm=watch)
    if until_idle:
        if alarm is not None:
            Alarm(node, alarm).look()
        orphans.Lookout(node=node).look()
        triggers.tick(node, node.clock.now())
        worker.work(node, stop=stop, until=partial(_idle, node), settings=settings)
        return
    with node_logs.kept(node, "worker"):
        worker.work(node, stop=stop, settings=settings)


def _idle(node: Node) -> bool:
    return not node.scenario_runs.runs(finished=False, limit=1)


def _told(tell: Tell, node: Node, run: ScenarioRun, lease: Lease) -> ScenarioRun:
    tell(run)
    done = stepping.execute(node, run, lease)
    tell(done)
    return done
