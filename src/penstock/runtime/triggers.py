"""Triggers at work: look at those that are due, and ask for the runs they give a reason for, each exactly once.

A look and what comes of it are one write: the new state of the trigger and the run that it asks for go into the
database together, and only if nobody else changed that state meanwhile. So it does not matter how many workers
look, or when one of them dies.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from penstock.core.calendar import INSTANT
from penstock.core.errors import NotFound, PenstockError, Refused
from penstock.core.scenario import ScenarioRun
from penstock.core.trigger import PUNCTUAL, Firing, Trigger, TriggerState, Upcoming
from penstock.runtime import asking, audit, missed, schedule
from penstock.runtime.lookers import Lookers
from penstock.runtime.looking import Look

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.ports import Projects
    from penstock.core.project import Project
    from penstock.core.scenario import Scenario

BY = "trigger"
"""Who asks for the runs of triggers; as whom they run is the scenario's."""
THREADS = 4
"""Looks of one worker that may take their time at once."""
MOST_IN_LINE = 1000
"""Looks that wait for one of these threads."""
BUSY = timedelta(seconds=5)
"""When to try again while so many do."""

log = logging.getLogger("penstock.triggers")


def tick(node: Node, now: datetime | None = None) -> list[ScenarioRun]:
    """Look at every trigger that is due; returns the runs that were asked for."""
    return Ticker(lookers=None)(node, now or node.clock.now())


@dataclass
class Ticker:
    """Looks again and again: remembers which files it saw, and lets looks that take long take it beside the others."""

    lookers: Lookers | None = field(default_factory=lambda: Lookers(THREADS))
    """Who does the looks that may take long; None = every look is over when a tick is."""
    files: schedule.Files = field(default_factory=schedule.Files)

    def __call__(self, node: Node, now: datetime) -> list[ScenarioRun]:
        if not node.config.triggers_enabled:
            return []
        self.files.sync(node, now)
        runs: list[ScenarioRun] = []
        seen: set[tuple[str, str, str, int]] = set()
        while True:
            due = node.scenario_runs.due_triggers(now)
            fresh = [s for s in due if (s.project, s.scenario, s.trigger, s.version) not in seen]
            if not fresh:
                return runs
            seen |= {(s.project, s.scenario, s.trigger, s.version) for s in fresh}
            once = replace(node, projects=cast("Projects", ReadOnce(node.projects)))
            asked = [self._serve(node, once, state, now) for state in fresh]
            runs += [run for run in asked if run is not None]

    def _serve(self, node: Node, once: Node, state: TriggerState, now: datetime) -> ScenarioRun | None:
        """One trigger that is due. What goes wrong with it is kept with it, and stops no other.

        `once` reads each project once for all triggers that are due together; looks that take long read afresh.
        """
        try:
            project = once.projects.load(state.project)
            trigger = schedule.of_state(project, state)
            if trigger is None:
                schedule.sync(node, project, now)
                return None
            if trigger.SLOTS:
                return Due(once, project, trigger, state, now).slot()
            return self._look(Due(node, project, trigger, state, now))
        except Exception as error:  # noqa: BLE001 - the edge: other triggers go on, and this one is tried again
            waiting = replace(state, pending_since=state.pending_since or state.next_look)
            _keep_error(node, waiting, now + PUNCTUAL, error, since=now)
            return None

    def _look(self, due: Due) -> ScenarioRun | None:
        if self.lookers is not None and len(self.lookers) >= MOST_IN_LINE:
            due.save(next_look=due.now + BUSY)
            return None
        held = due.held()
        if held is None:
            return None
        if self.lookers is None:
            return held.look()
        self.lookers.put(held.look)
        return None


class ReadOnce:
    """The projects of a node, each as it is when it is first read."""

    def __init__(self, projects: Projects) -> None:
        self._projects = projects
        self._read: dict[str, Project] = {}

    def load(self, key: str) -> Project:
        if key not in self._read:
            self._read[key] = self._projects.load(key)
        return self._read[key]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._projects, name)


@dataclass(frozen=True, slots=True)
class Due:
    """A trigger whose moment has come, on the way to a run."""

    node: Node
    project: Project
    trigger: Trigger
    state: TriggerState
    now: datetime

    def slot(self) -> ScenarioRun | None:
        """A time that was set: fire it if it is not too late; what is too late stays visible as missed."""
        try:
            return self._slot(self.state.pending_since or self.state.next_look or self.now)
        except Refused as error:
            served = replace(self.state, pending_since=None)
            _keep_error(self.node, served, self.trigger.next_look(self.now), error)
            return None

    def _slot(self, first: datetime) -> ScenarioRun | None:
        patience = self.trigger.patience()
        earliest = first if patience is None else self.now - max(patience, PUNCTUAL)
        slot = first if first >= earliest else self.trigger.next_look(earliest - INSTANT)
        if slot is None or slot > self.now:
            self._keep_missed(first, self.now + INSTANT)
            self.save(next_look=self.trigger.next_look(self.now), pending_since=None, error="")
            return None
        self._keep_missed(first, slot)
        return self._settle(self.trigger.fires(self._context(slot)), slot)

    def held(self) -> Due | None:
        """The same, ours alone for a while; None when there is nothing to look at now, or another worker does."""
        remembers = self.state.memory is None and self.trigger.BASELINE
        if not remembers and self._scenario.on_conflict == "cancel" and self._goes_on():
            self.save(next_look=self.trigger.next_look(self.now))
            return None
        ours = replace(self.state, next_look=self.now + self.trigger.hold())
        if not self.node.scenario_runs.save_trigger(ours):
            return None
        return replace(self, state=replace(ours, version=ours.version + 1))

    def look(self) -> ScenarioRun | None:
        """Look, and do what follows. The edge: whatever a trigger raises is kept with it."""
        try:
            return self._settle(self.trigger.fires(self._context(self.now)), self.now)
        except Exception as error:  # noqa: BLE001 - the edge
            _keep_error(self.node, self.state, self.trigger.next_look(self.now), error)
            return None

    def save(self, **changes: Any) -> bool:
        return self.node.scenario_runs.save_trigger(replace(self.state, **changes))

    @property
    def _scenario(self) -> Scenario:
        return self.project.scenario(self.state.scenario)

    def _context(self, moment: datetime) -> Look:
        return Look(
            node=self.node, project=self.project, scenario=self.state.scenario, state=self.state, now=moment
        )

    def _settle(self, firing: Firing | None, moment: datetime) -> ScenarioRun | None:
        """Write down what a look brought, with the run it asks for."""
        after = replace(self.state, next_look=self.trigger.next_look(self.now), pending_since=None, error="")
        if firing is None:
            self.node.scenario_runs.save_trigger(after)
            return None
        after = replace(after, memory=firing.memory)
        if firing.again_in is not None:
            after = replace(after, next_look=self.now + timedelta(seconds=firing.again_in))
        if not firing.fire:
            since = self.state.pending_since or self.now
            waiting = since if firing.again_in is not None else None
            self.node.scenario_runs.save_trigger(replace(after, pending_since=waiting))
            return None
        return self._fire(replace(after, last_fired=moment), self._run(firing.params))

    def _fire(self, after: TriggerState, run: ScenarioRun) -> ScenarioRun | None:
        fired = self.node.scenario_runs.fire(after, run, on_conflict=self._scenario.on_conflict)
        if fired is not None:
            audit.note(
                self.node, "scenario-fire-trigger", project=fired.project, by=fired.run_as,
                object=f"scenario:{fired.scenario}", trigger=fired.trigger, run=fired.id, result=str(fired.state),
            )  # fmt: skip
        return fired

    def _run(self, params: Mapping[str, Any]) -> ScenarioRun:
        return asking.prepared(
            self.node, self.project.key, self.state.scenario, by=BY, params=params, trigger=self.state.trigger,
            trigger_type=self.trigger.kind_name(),
        )  # fmt: skip

    def _goes_on(self) -> bool:
        runs = self.node.scenario_runs
        return bool(runs.runs(self.project.key, self.state.scenario, finished=False, limit=1))

    def _keep_missed(self, first: datetime, end: datetime) -> None:
        """One line in the history for the slots from the first one up to the end, which started nothing."""
        slots = missed.between(self.trigger, first, end)
        if slots:
            run = self._run({"slots": [slot.isoformat() for slot in slots[:10]]})
            error = self.state.error if self.state.pending_since else ""
            missed.keep(self.node, run, slots, self.now, error=error)


def fire(
    node: Node, project: str, scenario: str, trigger: str = "manual", params: Mapping[str, Any] | None = None,
    *, by: str = "",
) -> ScenarioRun:  # fmt: skip
    """Ask for a run by hand, as if a trigger had fired. Raises NotFound with the nearest trigger."""
    found = schedule.by_label(node.projects.load(project).scenario(scenario))
    if trigger != "manual" and trigger not in found:
        raise NotFound("trigger", trigger, among=found, where=f"scenario {scenario}")
    kind = found[trigger].kind_name() if trigger in found else "manual"
    return asking.ask(node, project, scenario, by=by, params=params, trigger=trigger, trigger_type=kind)


def sync(node: Node, project: str) -> None:
    """Bring what is remembered of a project's triggers in step with its scenarios; ticks do it by themselves."""
    schedule.sync(node, node.projects.load(project), node.clock.now())


def next_runs(node: Node, project: str) -> list[Upcoming]:
    """Every trigger of a project: whether it is looked at, when next, and what became of its last look."""
    return schedule.next_runs(node, project)


def _keep_error(
    node: Node, state: TriggerState, next_look: datetime | None, error: Exception, *, since: datetime | None = None
) -> None:  # fmt: skip
    """Keep why a look failed; `since` for what lasts until somebody does something about it."""
    if isinstance(error, PenstockError):
        said = str(error)
    else:
        log.exception("Trigger %s of scenario %s failed.", state.trigger, state.scenario, exc_info=error)
        said = f"{type(error).__name__}: {error}"
    if since is not None:
        said = missed.dated(said, state.error, since)
    told = replace(state, error=node.secrets.mask(said), next_look=next_look)
    node.scenario_runs.save_trigger(told)
