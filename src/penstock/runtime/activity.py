"""Activity: what goes on right now in the projects somebody may read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from penstock.core.access import Identity, Permission
from penstock.core.errors import NotFound
from penstock.core.job import JobState
from penstock.runtime import people

if TYPE_CHECKING:
    from penstock.core.node import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """A job or a run of a scenario that has not ended."""

    sort: Literal["job", "scenario"]
    id: str
    project: str
    title: str
    by: str
    started_at: datetime | None

    @property
    def url(self) -> str:
        """Where it is shown."""
        if self.sort == "job":
            return f"/projects/{self.project}/jobs/{self.id}"
        return f"/projects/{self.project}/scenarios/{self.title}/runs/{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How something that somebody started came out."""

    title: str
    state: str
    """DONE, FAILED, ABORTED of a job; SUCCESS, WARNING, FAILED, ABORTED of a run."""
    went_well: bool


def ended(node: Node, going: Going) -> Ended | None:
    """How it ended; None while it goes on, or when nothing is known of it any more."""
    try:
        if going.sort == "job":
            job = node.runs.job(going.id)
            is_over, state = job.state.final, str(job.state)
        else:
            run = node.scenario_runs.run(going.id)
            is_over, state = run.outcome is not None, str(run.outcome)
    except NotFound:
        return None
    return Ended(title=going.title, state=state, went_well=state in ("DONE", "SUCCESS")) if is_over else None


def running(node: Node, who: Identity) -> list[Going]:
    """Jobs and runs of scenarios that go on or wait, newest first, of the projects whose scenarios somebody sees."""
    seen = set(people.visible(node, who, Permission.SEE_SCENARIOS))
    jobs = [
        Going(
            sort="job", id=j.id, project=j.project, title=j.title, by=j.initiator,
            started_at=j.started_at,
        )
        for state in JobState if not state.final
        for j in node.runs.jobs(state=state, limit=200)
    ]  # fmt: skip
    runs = [
        Going(
            sort="scenario", id=r.id, project=r.project, title=r.scenario, by=r.asked_by,
            started_at=r.started_at,
        )
        for r in node.scenario_runs.runs(finished=False, limit=200)
    ]  # fmt: skip
    return [going for going in (*runs, *jobs) if going.project in seen]
