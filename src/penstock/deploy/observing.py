"""What this node tells the deployer of a project that runs here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from penstock.core.errors import PenstockError
from penstock.core.health import ProjectSeen, ScenarioSeen
from penstock.core.outcome import Verdict
from penstock.core.scenario import RunState, ScenarioRun
from penstock.deploy import incoming, unjudged
from penstock.runtime import checks

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project

RUNS = 30
"""Runs of scenarios that the timeline of a deployment shows."""


def deployed(node: Node, project: str) -> ProjectSeen:
    """A project as it runs here: its active bundle, its scenarios and their last runs, its models and data."""
    loaded = node.projects.load(project)
    active = incoming.active(node, project)
    seen = ProjectSeen(
        bundle=active.bundle if active else "",
        settings=active.settings.model_dump(mode="json") if active else {},
        local_variables=dict(loaded.local_variables),
        scenarios=tuple(_scenario(node, loaded, name) for name in sorted(loaded.scenarios)),
        warnings=tuple(active.warnings) if active else (), models=models(node, loaded), rules=rules(node, loaded),
        runs=tuple(_told(run) for run in node.scenario_runs.runs(project, limit=RUNS)),
    )  # fmt: skip
    return replace(seen, unjudged=unjudged.reasons(loaded, seen))


def models(node: Node, project: Project) -> dict[str, Verdict]:
    """Saved model → the worst latest check of every store that an Evaluate recipe with this model fills."""
    return {
        name: Verdict.worst(
            verdict
            for store in unjudged.judges(project, name)
            for verdict in _latest(node, project.key, store)
        )
        for name in project.models
    }


def rules(node: Node, project: Project) -> dict[str, Verdict]:
    """Dataset that has rules or checks → the worst they said last."""
    watched = {name: _latest(node, project.key, name) for name in project.datasets}
    return {name: Verdict.worst(verdicts) for name, verdicts in watched.items() if verdicts}


def _latest(node: Node, project: str, item: str) -> list[Verdict]:
    try:
        return [
            latest.last.verdict for latest in checks.latest(node, project, item) if latest.last is not None
        ]
    except PenstockError:  # told on its own page
        return [Verdict.EMPTY]


def _scenario(node: Node, project: Project, name: str) -> ScenarioSeen:
    runs = node.scenario_runs.runs(project.key, name, limit=5)
    ended = next((run for run in runs if run.state is RunState.DONE), None)
    return ScenarioSeen(
        name=name, active=project.scenarios[name].active, last=ended.outcome if ended else None,
        ended_at=ended.ended_at if ended else None, running=any(run.state is RunState.RUNNING for run in runs),
    )  # fmt: skip


def _told(run: ScenarioRun) -> dict[str, Any]:
    instants = {
        name: value.isoformat() if value else None
        for name, value in (("asked_at", run.asked_at), ("ended_at", run.ended_at))
    }
    return {
        "id": run.id,
        "scenario": run.scenario,
        "outcome": run.outcome,
        "message": run.message,
        **instants,
    }
