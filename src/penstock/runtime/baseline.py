"""Baseline: what a trigger is compared with, noted when somebody saves it and not only when a worker sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.runtime import schedule
from penstock.runtime.triggers import Due

if TYPE_CHECKING:
    from penstock.core.node import Node


def note(node: Node, project: str) -> None:
    """Right after a save: since when each new trigger is on, and what those see that look quickly.

    A worker that starts later catches up from there.
    """
    loaded, now = node.projects.load(project), node.clock.now()
    schedule.sync(node, loaded, now)
    quick = {place: t for place, t in schedule.live(loaded).items() if t.BASELINE and t.QUICK}
    for state in node.scenario_runs.trigger_states(project) if quick else ():
        trigger = quick.get((state.scenario, state.trigger))
        if trigger is None or state.memory is not None or state.error:
            continue
        held = Due(node, loaded, trigger, state, now).held()
        if held is not None:
            held.look()
