"""Schedule: the rows of what triggers remember, kept in step with the scenarios people write."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from penstock.core.errors import InvalidDefinition, NotFound, PenstockError
from penstock.core.project import FOLDERS, file_of
from penstock.core.trigger import Trigger, TriggerState, Upcoming, definition_hash, labels
from penstock.runtime import missed

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project
    from penstock.core.scenario import Scenario

EVERY_FILE = 60.0
"""Seconds between two looks at the stamps of every file. A save shows at once; a file edited in place by then."""
EVERY_ROW = 3600.0
"""Seconds between two comparisons of every row with its scenario: by then what went astray is healed."""
LEAP = 2.0
"""Seconds by which the clock has jumped, and not just been corrected."""
SETTLED = 100_000_000
"""Nanoseconds after which another change of a folder surely shows in its time stamp."""


def sync(node: Node, project: Project, now: datetime) -> None:
    """One row for each trigger that is switched on, in scenarios that are; none for others.

    What is new or was changed starts afresh: from now on, and with nothing remembered.
    """
    known = {(s.scenario, s.trigger): s for s in node.scenario_runs.trigger_states(project.key)}
    active = live(project)
    for place, trigger in active.items():
        state = known.get(place)
        fresh = _afresh(project.key, place, trigger, state, now)
        if fresh != state and node.scenario_runs.save_trigger(fresh) and state is not None:
            _keep_missed(node, state, fresh, now)
    broken = {problem.file for problem in project.problems}
    for scenario in {scenario for scenario, trigger in known if (scenario, trigger) not in active}:
        if broken & {file_of("scenario", scenario), f"{FOLDERS['scenario']}/{scenario}.py"}:
            continue  # its triggers stay as they were until somebody has mended it
        kept = [label for name, label in active if name == scenario]
        node.scenario_runs.forget_triggers(project.key, scenario, kept)


def _keep_missed(node: Node, before: TriggerState, after: TriggerState, now: datetime) -> None:
    """What a trigger waited for that was changed, once somebody mended it. What cannot run has missed nothing."""
    if before.definition != after.definition:
        with contextlib.suppress(PenstockError):
            missed.keep_unknown(node, before, now)


def live(project: Project) -> dict[tuple[str, str], Trigger]:
    """(scenario, label) → each trigger that is switched on, in scenarios that are."""
    return {
        (name, label): trigger
        for name, scenario in project.scenarios.items() if scenario.active
        for label, trigger in by_label(scenario).items() if trigger.active
    }  # fmt: skip


def of_state(project: Project, state: TriggerState) -> Trigger | None:
    """The trigger a row belongs to; None when it is switched off, changed, or gone since.

    Raises InvalidDefinition when the scenario's file could not be read."""
    scenario = project.scenarios.get(state.scenario)
    if scenario is None:
        project.check_object(state.scenario, "scenario")
    trigger = by_label(scenario).get(state.trigger) if scenario and scenario.active else None
    if trigger is None or not trigger.active or definition_hash(trigger) != state.definition:
        return None
    return trigger


def by_label(scenario: Scenario) -> Mapping[str, Trigger]:
    return dict(zip(labels(scenario.triggers), scenario.triggers, strict=True))


def first_look(trigger: Trigger, now: datetime) -> datetime | None:
    return trigger.next_look(now) if trigger.SLOTS else now


def next_runs(node: Node, project: str) -> list[Upcoming]:
    """Every trigger of a project: whether it is looked at, when next, and what became of its last look."""
    loaded, now = node.projects.load(project), node.clock.now()
    known = {(s.scenario, s.trigger): s for s in node.scenario_runs.trigger_states(project)}
    found = []
    for name, scenario in loaded.scenarios.items():
        for label, trigger in by_label(scenario).items():
            on = scenario.active and trigger.active and node.config.triggers_enabled
            place = (name, label)
            state = _afresh(project, place, trigger, known.get(place), now)
            found.append(_upcoming(trigger, state, on))
    broken = loaded.broken("scenario")
    return found + [_waiting(state, broken[place[0]]) for place, state in known.items() if place[0] in broken]


@dataclass
class Files:
    """Which scenario files a ticker has seen, so that a tick costs the same however many there are."""

    seen: dict[str, int] = field(default_factory=dict)
    prints: dict[str, int] = field(default_factory=dict)
    """Project → the stamps of all its scenario files, as one number."""
    files_seen_at: float = -EVERY_FILE
    rows_seen_at: float = -EVERY_ROW
    clock: tuple[datetime, float] | None = None
    """When it looked last, by the clock of the node and by the machine's own time."""

    def sync(self, node: Node, now: datetime) -> None:
        """Bring the rows of the projects in step whose scenarios were saved since the last time."""
        keys, here = node.projects.keys(), time.monotonic()
        if self._leapt(now, here) or here - self.rows_seen_at >= EVERY_ROW:
            self.seen.clear()
            self.rows_seen_at = here
            _forget_projects(node, keys)
        if here - self.files_seen_at >= EVERY_FILE:
            self.files_seen_at = here
            self._look_at_files(node, keys)
        for key in keys:
            stamp = _stamp(node, key)
            if self.seen.get(key) != stamp:
                self._sync_one(node, key, now)
                self.seen[key] = stamp if time.time_ns() - stamp > SETTLED else -1

    def _leapt(self, now: datetime, here: float) -> bool:
        """Whether the clock jumped since the last look: times that were set may have to be set anew."""
        before, self.clock = self.clock, (now, here)
        return before is not None and abs((now - before[0]).total_seconds() - (here - before[1])) > LEAP

    def _look_at_files(self, node: Node, keys: list[str]) -> None:
        """Have the projects looked at whose files changed without a save."""
        for key in set(self.prints) - set(keys):
            _forget_projects(node, keys)
            del self.prints[key]
        for key in keys:
            print = _print(node, key)
            if self.prints.get(key) != print:
                self.seen.pop(key, None)
            self.prints[key] = print

    def _sync_one(self, node: Node, key: str, now: datetime) -> None:
        try:
            sync(node, node.projects.load(key), now)
        except PenstockError:
            return  # broken files are told to whoever opens the project; its triggers stay as they were


def _stamp(node: Node, key: str) -> int:
    """When a scenario was last saved, added or removed: saving puts a new file in place."""
    try:
        return (node.projects.path(key) / FOLDERS["scenario"]).stat().st_mtime_ns
    except (FileNotFoundError, NotFound):
        return 0


def _print(node: Node, key: str) -> int:
    """Names, sizes and times of all scenario files of a project, as one number; opens none of them."""
    try:
        with os.scandir(node.projects.path(key) / FOLDERS["scenario"]) as entries:
            found = [(entry.name, (s := entry.stat()).st_mtime_ns, s.st_size) for entry in entries]
    except (FileNotFoundError, NotFound):
        return 0
    return hash(tuple(sorted(found)))


def _forget_projects(node: Node, keys: list[str]) -> None:
    for project, scenario in {(s.project, s.scenario) for s in node.scenario_runs.trigger_states()}:
        if project not in keys:
            node.scenario_runs.forget_triggers(project, scenario)


def _afresh(
    project: str, place: tuple[str, str], trigger: Trigger, state: TriggerState | None, now: datetime
) -> TriggerState:
    """The state as it is, or a fresh one for a trigger that is new, changed, or was led astray by the clock."""
    hash = definition_hash(trigger)
    if state is None or state.definition != hash:
        return TriggerState(
            project=project, scenario=place[0], trigger=place[1], definition=hash,
            next_look=first_look(trigger, now), last_fired=state.last_fired if state else None,
            version=state.version if state else 0,
        )  # fmt: skip
    return _astray(trigger, state, now)


def _astray(trigger: Trigger, state: TriggerState, now: datetime) -> TriggerState:
    """After the clock went ahead and came back, the next look lies too far away. No slot fires a second time."""
    if trigger.SLOTS:
        fired = state.last_fired
        expected = trigger.next_look(max(now, fired) if fired else now)
        due = expected
    else:
        expected = trigger.next_look(now + trigger.hold())
        due = now
        if state.pending_since and state.pending_since <= now:  # a grace period may be as long as it likes
            return state
    if expected is None or state.next_look is None or state.next_look <= expected:
        return state
    return replace(state, next_look=due)


def _waiting(state: TriggerState, problem: InvalidDefinition) -> Upcoming:
    """A trigger of a scenario whose files cannot be read: it stays as it was until somebody has mended them."""
    return Upcoming(
        project=state.project, scenario=state.scenario, trigger=state.trigger, type="", active=True,
        next_look=state.next_look, last_fired=state.last_fired, waiting_since=state.pending_since,
        error=state.error or str(problem),
    )  # fmt: skip


def _upcoming(trigger: Trigger, state: TriggerState, on: bool) -> Upcoming:
    return Upcoming(
        project=state.project, scenario=state.scenario, trigger=state.trigger, type=trigger.kind_name(), active=on,
        next_run=state.next_look if on and trigger.SLOTS else None, next_look=state.next_look if on else None,
        last_fired=state.last_fired, waiting_since=state.pending_since, error=state.error,
    )  # fmt: skip
