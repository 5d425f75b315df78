"""Preparing: what a job does before its first recipe runs – a slot, a plan, its objects, its inputs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core import plan
from penstock.core.errors import BeingBuilt
from penstock.core.flow import Flow
from penstock.core.plan import Plan
from penstock.core.scope import Request
from penstock.runtime import holding, recovery, slots, states
from penstock.runtime.contexts import DatasetAccess

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.runtime.journal import Journal
    from penstock.runtime.pulse import Pulse

POLL = 0.05
"""Seconds between two tries for a slot or an object that another job holds."""


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """One job before its first recipe."""

    node: Node
    flow: Flow
    request: Request
    values: Mapping[str, Any]
    journal: Journal
    pulse: Pulse

    @contextmanager
    def job_slot(self) -> Iterator[None]:
        """Hold one of the slots for jobs, waiting in line for it. Raises Aborted."""
        place = slots.Slots(slot_root(self.node), slots.of_job(self.node.config.limits))
        try:
            said = ""
            while waiting := place.take():
                if waiting != said:
                    self._say(waiting)
                    said = waiting
                self.pulse.wait(POLL)
            yield
        finally:
            place.free()

    def claimed_plan(self) -> Plan:
        """The plan, with all its outputs claimed. What another job builds is waited for, then planned anew.

        Raises BeingBuilt, with the id of that job, when waiting is not enough; Aborted.
        """
        deadline = time.monotonic() + self.node.config.wait_for_object
        while True:
            made = plan.make(
                self.flow, self.request, states.facts(self.node, self.flow, self.request, self.values)
            )
            self.journal.note(made)
            blocked = self._claim(made)
            if not blocked:
                return made
            self._wait_for(blocked, deadline)

    def check_ready(self, made: Plan) -> None:
        """Raise SourceNotReady for the first input that cannot be read."""
        project = self.flow.project
        for name in plan.needed(self.flow, made):
            if name in project.datasets:
                ctx = DatasetAccess(node=self.node, project=project, name=name, values=self.values)
                project.dataset(name).check_ready(ctx)

    def _claim(self, made: Plan) -> dict[str, str]:
        job = self.journal.job
        return self.node.runs.claim(job.project, made.outputs, job.id) if made.outputs else {}

    def _wait_for(self, blocked: Mapping[str, str], deadline: float) -> None:
        item, holder = min(blocked.items())
        said = f"waiting: {holding.words(item, holder)}"
        self._say(said)
        for name, row in tuple(self.journal.rows.items()):
            if item in row.outputs:
                self.journal.wait(name, said)
        while self._runs(holder):
            if time.monotonic() > deadline:
                raise BeingBuilt(
                    f"{holding.words(item, holder)}, and waiting {self.node.config.wait_for_object:g} seconds "
                    "for it was not enough.",
                    hint="Run this again when that has ended, or raise `wait_for_object`.",
                )
            self.pulse.wait(2 * POLL)

    def _runs(self, holder: str) -> bool:
        """Whether the other one is still about it. One whose process is gone is ended on the spot."""
        if recovery.is_hold(holder):
            recovery.recover(self.node)
            return holder in self.node.runs.holders()
        other = self.node.runs.job(holder)
        if not other.state.final and other.owner != self.journal.job.owner:
            recovery.recover(self.node)
            other = self.node.runs.job(holder)
        return not other.state.final

    def _say(self, message: str) -> None:
        self.journal.log.info(f"{message[0].upper()}{message[1:]}.")
        self.journal.tell_job(message)


def slot_root(node: Node) -> Path:
    """Where the slots of a node are kept."""
    return node.config.home / "run" / "slots"
