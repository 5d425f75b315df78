"""Calling: a scenario that runs another one must never wait, over however many others, for itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from penstock.core import calls
from penstock.core.errors import Conflict, InvalidDefinition, NotFound
from penstock.core.project import file_of
from penstock.core.scenario import RunState, Scenario, ScenarioRun

if TYPE_CHECKING:
    from penstock.core.node import Node

NO_CIRCLE = "Take the step that closes the circle away, or move what both need into a scenario of its own."


def check_no_circle(node: Node, caller: ScenarioRun, project: str, scenario: str) -> None:
    """Raise Conflict, naming the chain, when a run of this scenario waits for the one that would call it."""
    line = [*reversed(list(_callers(node, caller))), caller]
    waiting = next(
        (n for n, run in enumerate(line) if (run.project, run.scenario) == (project, scenario)), None
    )
    if waiting is None:
        return
    chain = " → ".join(_names([*line[waiting:], line[waiting]]))
    if len(line) - waiting == 1:
        said = f"Scenario {scenario} cannot run itself: it would wait for its own end ({chain})."
    else:
        said = f"Scenario {scenario} waits for the run that would run it again ({chain}), so nobody would ever end."
    raise Conflict(said, hint=NO_CIRCLE)


def check_saved(node: Node, project: str, name: str, scenario: Scenario) -> None:
    """Raise InvalidDefinition, naming step and chain, when a scenario that is to be saved would run itself over
    scenarios of other projects; within one project its files tell."""
    others, there = {project: node.projects.load(project)}, set(node.projects.keys())

    def called_by(of: calls.Called) -> list[calls.Called]:
        key, called = of
        if key not in others:
            if key not in there:
                return []
            others[key] = node.projects.load(key)
        found = scenario if of == (project, name) else others[key].scenarios.get(called)
        return [one for _, one in calls.calls(found, key)] if found else []

    for path, called in calls.calls(scenario, project):
        way = calls.circle((project, name), called, called_by)
        if way:
            raise InvalidDefinition(
                calls.told(way), file=file_of("scenario", name), field=".".join(map(str, path))
            )


def check_no_deadlock(node: Node, caller: ScenarioRun, asked: ScenarioRun) -> None:
    """Stop a run in line, and raise Conflict, when the one before it waits for the caller in its turn: two runs,
    each begun by itself, that call each other's scenario."""
    if asked.state is not RunState.QUEUED:
        return
    unfinished = {run.id: run for run in node.scenario_runs.runs(finished=False, limit=0)}
    ours = {caller.id, *(run.id for run in _callers(node, caller))}
    holder = next(
        (run for run in _before(asked, unfinished.values()) if ours & _awaited(run, unfinished)), None
    )
    if holder is None:
        return
    node.scenario_runs.request_abort(asked.id)
    raise Conflict(
        f"Run {holder.id} of scenario {holder.scenario} is going on and waits for this one to end, which would wait "
        f"for it: {' → '.join(_names([caller, holder, caller]))}.",
        hint=NO_CIRCLE,
    )


def _callers(node: Node, run: ScenarioRun) -> Iterable[ScenarioRun]:
    """The run whose step asked for this one, and so on up."""
    while run.parent:
        try:
            run = node.scenario_runs.run(run.parent)
        except NotFound:
            return
        yield run


def _awaited(run: ScenarioRun, unfinished: dict[str, ScenarioRun]) -> set[str]:
    """Every run that must end before this one can: those it asked for, those before them in line."""
    found: set[str] = set()
    todo = [run]
    while todo:
        here = todo.pop()
        if here.id not in found:
            found.add(here.id)
            todo += [other for other in unfinished.values() if other.parent == here.id]
            todo += _before(here, unfinished.values()) if here.state is RunState.QUEUED else []
    return found


def _before(run: ScenarioRun, unfinished: Iterable[ScenarioRun]) -> list[ScenarioRun]:
    """The run of the same scenario that has the place."""
    same = (run.project, run.scenario)
    there = [other for other in unfinished if (other.project, other.scenario) == same and other.id != run.id]
    return [other for other in there if (other.asked_at, other.id) < (run.asked_at, run.id)]


def _names(line: Sequence[ScenarioRun]) -> list[str]:
    projects = {run.project for run in line}
    return [run.scenario if len(projects) == 1 else f"{run.project}.{run.scenario}" for run in line]
