"""Reports of jobs: everything a page shows of one job, gathered once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING

from penstock.core import zone
from penstock.core.errors import NotFound
from penstock.core.job import Activity, ActivityState, Job, JobState
from penstock.core.picture import Picture, RecipeNode, State, ZoneNode
from penstock.runtime import flow, jobs

if TYPE_CHECKING:
    from penstock.core.node import Node

LIKE = 20
"""Jobs that are looked through for one like this."""
SHOWN: Mapping[ActivityState, State] = {
    ActivityState.NOT_STARTED: "never", ActivityState.RUNNING: "running", ActivityState.DONE: "success",
    ActivityState.WARNING: "warning", ActivityState.FAILED: "failed", ActivityState.ABORTED: "aborted",
    ActivityState.SKIPPED: "aborted",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One job as people look at it."""

    job: Job
    activities: Sequence[Activity]
    recipes: Mapping[str, RecipeNode]
    """Those of its recipes that still are in the Flow."""
    picture: Picture | None
    """The part of the Flow that it builds, each node in the state this job brought it to; None when that is gone."""
    made: Mapping[str, Sequence[tuple[str, str]]]
    """Model or evaluation store → (id, name) of the versions or evaluations that this job made there."""
    took: timedelta
    expected: timedelta | None
    """How long the last jobs like this took, their median; None when there was none."""

    @property
    def failed(self) -> list[Activity]:
        """The activities that failed: shown first."""
        return [a for a in self.activities if a.state is ActivityState.FAILED]

    @property
    def progress(self) -> float:
        """Between 0 and 1, by the time that jobs like this took."""
        return min(self.took / self.expected, 0.99) if self.expected else 0.0


def report(node: Node, project: str, job: str) -> Report:
    """One job with its activities. Raises NotFound for a job of another project, too."""
    found = jobs.show(node, job)
    if found.project != project:
        raise NotFound("job", job, where=project)
    activities = jobs.activities(node, job)
    whole = flow.show(node, project)
    end = found.ended_at or node.clock.now()
    return Report(
        job=found, activities=activities, recipes={r.name: r for r in whole.recipes},
        picture=_picture(whole, activities), made=dict(_made(node, found, activities)),
        took=end - (found.started_at or end), expected=_expected(node, found),
    )  # fmt: skip


def _picture(whole: Picture, activities: Sequence[Activity]) -> Picture | None:
    """The recipes of the job with what they read and make; zones would tear them apart."""
    states = {a.recipe: SHOWN[a.state] for a in activities}
    recipes = [r for r in whole.recipes if r.name in states]
    if not recipes:
        return None
    made = {item: states[r.name] for r in recipes for item in r.outputs}
    ids = {r.id for r in recipes} | {item for r in recipes for item in (*r.inputs, *r.outputs)}
    cut = whole.only(ids)
    return replace(
        cut,
        zones=(zone.DEFAULT,),
        boxes=(ZoneNode(name=zone.DEFAULT, title="", color=""),),
        items=tuple(
            replace(i, zone=zone.DEFAULT, state=made.get(i.name, "source"), why="") for i in cut.items
        ),
        recipes=tuple(replace(r, zone=zone.DEFAULT, state=states[r.name], why="") for r in cut.recipes),
    )


def _made(
    node: Node, job: Job, activities: Sequence[Activity]
) -> Iterator[tuple[str, Sequence[tuple[str, str]]]]:
    project = node.projects.load(job.project)
    for item in dict.fromkeys(item for activity in activities for item in activity.outputs):
        if item in project.models:
            yield item, [(v.id, v.name) for v in node.models.versions(job.project, item) if v.job == job.id]
        elif item in project.evaluation_stores:
            newest = node.evaluations.list(job.project, item, limit=LIKE, newest_first=True)
            yield item, [(e.id, e.name) for e in newest if e.job == job.id]


def _expected(node: Node, job: Job) -> timedelta | None:
    """The median time of the last jobs that built the same in the same way, and did it."""
    lately = node.runs.jobs(job.project, state=JobState.DONE, limit=LIKE)
    took = [
        (j.ended_at - j.started_at).total_seconds() for j in lately
        if j.id != job.id and j.ended_at and j.started_at and (j.targets, j.mode) == (job.targets, job.mode)
    ]  # fmt: skip
    return timedelta(seconds=median(took)) if took else None
