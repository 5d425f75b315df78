"""Baseline: what a trigger is compared with, noted when somebody saves it and not only when a worker sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.runtime import schedule
from penstock.runtime.triggers import Due

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project
    from penstock.core.trigger import TriggerState


def note(node: Node, project: str) -> None:
    """Right after a save: since when each new trigger is on, and what those see that look quickly.

    A worker that starts later catches up from there.
    """
    loaded, now = node.projects.load(project), node.clock.now()
    schedule.sync(node, loaded, now)
    for state in node.scenario_runs.trigger_states(project):
        if state.memory is None and not state.error:
            _look(node, loaded, state)


def _look(node: Node, project: Project, state: TriggerState) -> None:
    trigger = schedule.live(project).get((state.scenario, state.trigger))
    if trigger is None or not (trigger.BASELINE and trigger.QUICK):
        return
    held = Due(node, project, trigger, state, node.clock.now()).held()
    if held is not None:
        held.look()
