"""The plain twin of the ScenarioRuns port: dictionaries under one lock. What it does is what the port means."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from penstock.core.errors import NotFound
from penstock.core.scenario import RunState, ScenarioRun, StepRun
from penstock.core.trigger import TriggerState

CANCELLED = "Another run of this scenario was going on."


class MemoryScenarioRuns:
    """Runs of scenarios in memory; logs are real files under a folder."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._lock = threading.RLock()
        self._runs: dict[str, ScenarioRun] = {}
        self._steps: dict[tuple[str, int, int], StepRun] = {}
        self._triggers: dict[tuple[str, str, str], TriggerState] = {}

    def ask(self, run: ScenarioRun, *, on_conflict: str = "cancel") -> ScenarioRun:
        with self._lock:
            while run.id in self._runs:
                run = replace(run, id=f"{run.id}-{len(self._runs):x}")
            open_runs = [r for r in self._of(run.project, run.scenario) if not r.state.final]
            waiting = [r for r in open_runs if r.state is RunState.QUEUED]
            if open_runs and (on_conflict != "queue one" or waiting):
                run = replace(run, state=RunState.CANCELLED, message=CANCELLED, ended_at=run.asked_at)
            self._runs[run.id] = run
            return run

    def claim(self, owner: str, now: datetime, lease: timedelta, *, run: str = "") -> ScenarioRun | None:
        with self._lock:
            for found in sorted(self._runs.values(), key=lambda r: (r.asked_at, r.id)):
                if run in ("", found.id) and self._is_free(found, now):
                    taken = replace(
                        found, state=RunState.RUNNING, owner=owner, lease_until=now + lease,
                        started_at=found.started_at or now,
                    )  # fmt: skip
                    self._runs[found.id] = taken
                    return taken
        return None

    def heartbeat(self, run: str, owner: str, until: datetime) -> bool:
        with self._lock:
            held = self._held(run, owner)
            if held:
                self._runs[run] = replace(self._runs[run], lease_until=until)
            return held

    def save(self, run: ScenarioRun, *, owner: str = "") -> bool:
        with self._lock:
            if owner and not self._held(run.id, owner):
                return False
            now = self._runs[run.id]
            self._runs[run.id] = replace(
                run, lease_until=now.lease_until, abort_requested=now.abort_requested
            )
            return True

    def run(self, id: str) -> ScenarioRun:
        with self._lock:
            if id not in self._runs:
                raise NotFound("run", id, among=self._runs)
            return self._runs[id]

    def runs(
        self, project: str = "", scenario: str = "", *, finished: bool | None = None,
        since: datetime | None = None, limit: int = 50, offset: int = 0,
    ) -> list[ScenarioRun]:  # fmt: skip
        with self._lock:
            found = [
                r for r in self._of(project, scenario)
                if finished in (None, r.state.final) and (since is None or r.asked_at >= since)
            ]  # fmt: skip
        return found[offset : offset + limit] if limit else found[offset:]

    def request_abort(self, run: str) -> bool:
        with self._lock:
            if self.run(run).state.final:
                return False
            self._runs[run] = replace(self._runs[run], abort_requested=True)
            return True

    def abort_requested(self, run: str) -> bool:
        return self.run(run).abort_requested

    def save_step(self, step: StepRun, *, owner: str) -> bool:
        with self._lock:
            if not self._held(step.run, owner):
                return False
            key = (step.run, step.position, step.part)
            if key not in self._steps or self._steps[key].state == "RUNNING":
                self._steps[key] = step
            return True

    def steps(self, run: str) -> list[StepRun]:
        with self._lock:
            return sorted(
                (s for s in self._steps.values() if s.run == run), key=lambda s: (s.position, s.part)
            )

    def trigger_states(self, project: str = "", scenario: str = "") -> list[TriggerState]:
        return [
            s for s in self._triggers.values() if project in ("", s.project) and scenario in ("", s.scenario)
        ]

    def due_triggers(self, now: datetime, *, limit: int = 100) -> list[TriggerState]:
        due = [s for s in self._triggers.values() if s.next_look is not None and s.next_look <= now]
        return sorted(due, key=lambda s: s.next_look or now)[:limit]

    def save_trigger(self, state: TriggerState) -> bool:
        with self._lock:
            key = (state.project, state.scenario, state.trigger)
            known = self._triggers.get(key)
            if (known.version if known else 0) != state.version:
                return False
            self._triggers[key] = replace(state, version=state.version + 1)
            return True

    def forget_triggers(self, project: str, scenario: str, keep: Sequence[str] = ()) -> None:
        with self._lock:
            self._triggers = {
                k: s for k, s in self._triggers.items() if k[:2] != (project, scenario) or k[2] in keep
            }

    def log_path(self, run: str, step: str = "") -> Path:
        folder = self._logs / run
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{step or 'run'}.log"

    def prune(self, *, now: datetime, kept: int, days: int) -> int:
        return 0

    def move(self, project: str, old: str, new: str) -> None:
        with self._lock:
            for run in self._of(project, old):
                self._runs[run.id] = replace(run, scenario=new)

    def delete_project(self, project: str) -> None:
        with self._lock:
            self._runs = {i: r for i, r in self._runs.items() if r.project != project}

    def let_go(self, run: str) -> None:
        """For tests: the worker of a run is gone, its lease has run out."""
        with self._lock:
            held = self._runs[run]
            self._runs[run] = replace(held, lease_until=held.asked_at - timedelta(days=1), owner="nobody")

    def _of(self, project: str, scenario: str) -> list[ScenarioRun]:
        found = [
            r for r in self._runs.values() if project in ("", r.project) and scenario in ("", r.scenario)
        ]
        return sorted(found, key=lambda r: (r.asked_at, r.id), reverse=True)

    def _is_free(self, run: ScenarioRun, now: datetime) -> bool:
        if run.state is RunState.QUEUED:
            others = self._of(run.project, run.scenario)
            return not any(r.state is RunState.RUNNING for r in others)
        return run.state is RunState.RUNNING and (run.lease_until is None or run.lease_until < now)

    def _held(self, run: str, owner: str) -> bool:
        found = self._runs.get(run)
        return found is not None and found.owner == owner and not found.state.final
