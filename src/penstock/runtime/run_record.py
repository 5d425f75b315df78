"""Record: what a run has written down of itself so far; every change is kept before it counts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from penstock.core import registry, run_variables
from penstock.core.outcome import Outcome
from penstock.core.scenario import Scenario, ScenarioRun, StepRun, slug
from penstock.runtime.events import Event, Watch

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.runtime.lease import Lease

SCRIPT = "script"
"""The name of the one step that the script of a Python scenario is."""


class Elsewhere(Exception):
    """This worker has nothing more to do with a run: another one has it, or will take it on."""


@dataclass(kw_only=True)
class Record:
    """A run and its steps, held by one worker. Raises Elsewhere as soon as it is no longer held."""

    node: Node
    run: ScenarioRun
    lease: Lease
    tell: Watch
    rows: dict[tuple[int, int], StepRun] = field(default_factory=dict)

    @classmethod
    def of(cls, node: Node, run: ScenarioRun, lease: Lease, tell: Watch) -> Record:
        """What is known of a run that was begun by this worker or by another one."""
        rows = {(s.position, s.part): s for s in node.scenario_runs.steps(run.id)}
        return cls(node=node, run=run, lease=lease, tell=tell, rows=rows)

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario as it was when the run was asked for; a script is its one step."""
        stored = dict(self.run.definition)
        script = {"type": "python", "name": SCRIPT, "code": stored.get("body", "") or "pass"}
        if stored.get("kind") == "python":
            stored = {**stored, "kind": "steps", "body": "", "steps": [script]}
        return registry.validate(Scenario, stored)

    def save(self, row: StepRun) -> StepRun:
        """Keep a step as it stands, and tell of it."""
        if not self.node.scenario_runs.save_step(row, owner=self.lease.owner):
            raise Elsewhere
        self.rows[row.position, row.part] = row
        state = str(row.outcome or row.state)
        said = row.message or (row.why if row.state != "DONE" else "")
        self.tell(Event(what="step", run=self.run.id, step=row.label, state=state, message=said))
        return row

    def update(self, **changes: Any) -> None:
        """Change the run."""
        changed = replace(self.run, **changes)
        if not self.node.scenario_runs.save(changed, owner=self.lease.owner):
            raise Elsewhere
        self.run = changed
        state = str(changed.outcome or changed.state)
        self.tell(Event(what="run", run=changed.id, state=state, message=changed.message))

    def step(self, position: int, part: int = 0) -> StepRun | None:
        return self.rows.get((position, part))

    def steps(self) -> list[StepRun]:
        """Everything so far, in order."""
        return [self.rows[key] for key in sorted(self.rows)]

    def parts(self, position: int) -> list[StepRun]:
        """What the script of a step did so far, in order."""
        return [s for s in self.steps() if s.position == position and s.part]

    def variables(self, outcome: Outcome, *, until: tuple[int, int] | None = None) -> dict[str, Any]:
        """Every variable of the run; with `until`, as it was before that step or part."""
        steps = [s for s in self.steps() if until is None or (s.position, s.part) < until]
        return run_variables.of_run(
            self.run, self.scenario, steps, outcome, base_url=self.node.config.base_url
        )

    def free_label(self, wanted: str, type: str) -> str:
        """A name for a part that variables can tell from the others: `build`, then `build 2` …"""
        taken = {slug(s.label) for s in self.rows.values()} | {slug(x) for x in self.scenario.labels}
        name, number = wanted or type, 2
        while slug(name) in taken:
            name, number = f"{wanted or type} {number}", number + 1
        return name
