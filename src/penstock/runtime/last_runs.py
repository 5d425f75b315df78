"""Last runs: what a scenario did lately, and how long that usually takes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from penstock.core.errors import NotFound, NotReady
from penstock.core.outcome import Outcome
from penstock.core.scenario import RunState, ScenarioRun

if TYPE_CHECKING:
    from penstock.core.node import Node


def average_duration(node: Node, project: str, scenario: str, *, last: int = 10) -> timedelta | None:
    """How long the newest runs that ended SUCCESS took on average; None when there is none."""
    ended = _all(node, project, scenario, finished=True)
    went_well = [run for run in ended if run.outcome is Outcome.SUCCESS][:last]
    took = [run.ended_at - run.started_at for run in went_well if run.ended_at and run.started_at]
    return sum(took, timedelta()) / len(took) if took else None


def current(node: Node, project: str, scenario: str) -> ScenarioRun | None:
    """The run that is going on, or the one that waits for a worker; None while the scenario is idle."""
    going_on = _all(node, project, scenario, finished=False)
    running = [run for run in going_on if run.state is RunState.RUNNING]
    return next(iter(running + going_on[::-1]), None)


def find(node: Node, project: str, word: str) -> ScenarioRun:
    """A run by its id, or the newest one of the scenario of that name.

    Raises NotFound for neither, and NotReady for a scenario that never ran.
    """
    names = _names(node, project)
    if word not in names:
        if word[:1].isdigit():
            return _of(project, node.scenario_runs.run(word))
        raise NotFound("scenario or run", word, among=names, where=f"project {project}")
    newest = node.scenario_runs.runs(project, word, limit=1)
    if not newest:
        raise NotReady(f"Scenario {word} has not run yet.", hint=f"Run it: `penstock scenario run {word}`.")
    return newest[0]


def check_known(node: Node, project: str, scenario: str) -> None:
    """Raise NotFound, with the nearest name, for a scenario that has no file; a broken file is one."""
    names = _names(node, project)
    if scenario not in names:
        raise NotFound("scenario", scenario, among=names, where=f"project {project}")


def _names(node: Node, project: str) -> set[str]:
    loaded = node.projects.load(project)
    return {*loaded.scenarios, *loaded.broken("scenario")}


def _all(node: Node, project: str, scenario: str, *, finished: bool) -> list[ScenarioRun]:
    check_known(node, project, scenario)
    return node.scenario_runs.runs(project, scenario, finished=finished, limit=0)


def _of(project: str, run: ScenarioRun) -> ScenarioRun:
    """A run of this project; one of another is none."""
    if run.project != project:
        raise NotFound("run", run.id, where=f"project {project}")
    return run
