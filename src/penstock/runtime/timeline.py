"""Timeline: what happened in a project, newest first: saves, jobs, runs of scenarios."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from penstock.core.node import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One thing that happened."""

    sort: Literal["save", "job", "run"]
    id: str
    at: datetime
    by: str
    title: str
    state: str = ""
    """Of a job: its state; of a run: its outcome."""
    about: str = ""
    """The scenario of a run, the first file of a save."""


def show(node: Node, project: str, *, limit: int = 30) -> list[Moment]:
    """The newest moments of a project, whatever they are."""
    found = [*_saves(node, project, limit), *_jobs(node, project, limit), *_runs(node, project, limit)]
    return sorted(found, key=lambda moment: moment.at, reverse=True)[:limit]


def _saves(node: Node, project: str, limit: int) -> list[Moment]:
    return [
        Moment(
            sort="save", id=c.id, at=c.time, by=c.author, title=c.message.strip().partition("\n")[0],
            about=c.files[0] if c.files else "",
        )
        for c in node.projects.history(project, limit=limit)
    ]  # fmt: skip


def _jobs(node: Node, project: str, limit: int) -> list[Moment]:
    return [
        Moment(
            sort="job", id=j.id, at=j.ended_at or j.started_at or j.created_at, by=j.initiator,
            title=f"Build {j.title}", state=j.state,
        )
        for j in node.runs.jobs(project, limit=limit) if j.origin != "scenario"
    ]  # fmt: skip


def _runs(node: Node, project: str, limit: int) -> list[Moment]:
    return [
        Moment(
            sort="run", id=r.id, at=r.ended_at or r.started_at or r.asked_at, by=r.asked_by, title=r.scenario,
            state=str(r.outcome or r.state), about=r.scenario,
        )
        for r in node.scenario_runs.runs(project, limit=limit)
    ]  # fmt: skip
