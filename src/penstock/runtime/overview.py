"""Overview: the projects somebody may know of, each with its state at a glance; and one of them in more words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from penstock.core.access import Identity, Permission
from penstock.core.job import JobState
from penstock.core.outcome import Outcome, Verdict
from penstock.core.project import Project
from penstock.core.scenario import ScenarioRun
from penstock.runtime import people, status
from penstock.runtime.status import Status

if TYPE_CHECKING:
    from penstock.core.node import Node

LATELY = 100
"""Newest runs that are looked through for the last one of each scenario."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """A project in a list. What needs the permission to read is empty without it."""

    key: str
    title: str
    short_description: str
    tags: tuple[str, ...] = ()
    is_readable: bool = False
    counts: Mapping[str, int]
    """datasets, recipes, models, evaluation_stores, scenarios."""
    data: Verdict | None = None
    models: Verdict | None = None
    running: int = 0
    failing: tuple[str, ...] = ()
    """Scenarios whose last run FAILED."""
    last_job: JobState | None = None
    changed_at: datetime | None = None
    changed_by: str = ""
    problem: str = ""
    """What is wrong with the first file that could not be read."""

    @property
    def worst(self) -> str:
        """The one word for the whole project: its worst state."""
        if self.problem or self.failing or Verdict.ERROR in (self.data, self.models):
            return "ERROR"
        return "WARNING" if Verdict.WARNING in (self.data, self.models) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """One project in more words: what its home shows besides its settings."""

    glance: Glance
    data: Status
    models: Status
    last_runs: Mapping[str, ScenarioRun]
    """Scenario → its newest run."""


def glances(node: Node, who: Identity) -> list[Glance]:
    """Every project somebody may know of, those changed last first."""
    found = [glance(node, who, key) for key in people.visible(node, who)]
    return sorted(found, key=lambda g: (g.changed_at is not None, g.changed_at, g.key), reverse=True)


def glance(node: Node, who: Identity, key: str) -> Glance:
    """One project at a glance; nothing but its name for those who may not read it."""
    project = node.projects.load(key)
    if not people.may(node, who, Permission.READ, key):
        return Glance(
            key=key,
            title=project.settings.title,
            short_description=project.settings.short_description,
            counts={},
        )
    return _glance(node, project, status.of_data(node, key), status.of_models(node, key))


def show(node: Node, who: Identity, key: str) -> Overview:
    """One project for its home page."""
    project = node.projects.load(key)
    data, models = status.of_data(node, key), status.of_models(node, key)
    return Overview(
        glance=_glance(node, project, data, models), data=data, models=models,
        last_runs={name: run for name, run in _last_runs(node, key).items() if name in project.scenarios},
    )  # fmt: skip


def _glance(node: Node, project: Project, data: Status, models: Status) -> Glance:
    changes = node.projects.history(project.key, limit=1)
    jobs = node.runs.jobs(project.key, limit=1)
    runs = _last_runs(node, project.key)
    return Glance(
        key=project.key, title=project.settings.title, short_description=project.settings.short_description,
        tags=project.settings.tags, is_readable=True, counts=_counts(project), data=data.verdict,
        models=models.verdict, running=_running(node, project.key),
        failing=tuple(s for s, r in runs.items() if r.outcome is Outcome.FAILED and s in project.scenarios),
        last_job=jobs[0].state if jobs else None, changed_at=changes[0].time if changes else None,
        changed_by=changes[0].author if changes else "",
        problem=str(project.problems[0]) if project.problems else "",
    )  # fmt: skip


def _counts(project: Project) -> dict[str, int]:
    return {
        "datasets": len(project.datasets), "recipes": len(project.recipes), "models": len(project.models),
        "evaluation_stores": len(project.evaluation_stores), "scenarios": len(project.scenarios),
    }  # fmt: skip


def _last_runs(node: Node, key: str) -> dict[str, ScenarioRun]:
    found: dict[str, ScenarioRun] = {}
    for run in node.scenario_runs.runs(key, finished=True, limit=LATELY):
        found.setdefault(run.scenario, run)
    return found


def _running(node: Node, key: str) -> int:
    going = [s for s in JobState if not s.final]
    jobs = sum(len(node.runs.jobs(key, state=state, limit=100)) for state in going)
    return jobs + len(node.scenario_runs.runs(key, finished=False, limit=100))
