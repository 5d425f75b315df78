"""Asking: a run of a scenario, made from the scenario as it is now and put on the queue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from penstock.core.errors import Conflict
from penstock.core.project import file_of
from penstock.core.scenario import RunState, Scenario, ScenarioRun
from penstock.runtime import audit, guards, identity, orphans

if TYPE_CHECKING:
    from penstock.core.node import Node


def ask(
    node: Node, project: str, scenario: str, *, by: str = "", params: Mapping[str, Any] | None = None,
    trigger: str = "manual", trigger_type: str = "manual", variables: Mapping[str, Any] | None = None,
    parent: ScenarioRun | None = None, parent_step: str = "",
) -> ScenarioRun:  # fmt: skip
    """Ask for a run; any worker may do it. While another run of the scenario goes on it comes back CANCELLED, or
    waits, as the scenario's `on_conflict` says. Raises NotFound, and Refused when nobody can run it.
    """
    if parent is None:
        guards.check_run(node, node.projects.load(project), scenario)
    run = prepared(
        node, project, scenario, by=by, params=params, trigger=trigger, trigger_type=trigger_type,
        variables=variables, parent=parent, parent_step=parent_step,
    )  # fmt: skip
    asked = node.scenario_runs.ask(run, on_conflict=str(run.definition.get("on_conflict", "cancel")))
    audit.note(
        node, "scenario-run", project=project, object=f"scenario:{scenario}", by=asked.asked_by, run=asked.id,
        run_as=asked.run_as, trigger=trigger, result=str(asked.state),
    )  # fmt: skip
    return asked


def start(
    node: Node, project: str, scenario: str, *, by: str = "", params: Mapping[str, Any] | None = None,
    trigger: str = "manual",
) -> ScenarioRun:  # fmt: skip
    """Ask for a run by hand; runs of this machine's dead processes go back on the queue first. Raises Conflict when
    another run is going on."""
    orphans.Lookout(node=node).look()
    run = ask(node, project, scenario, by=by, params=params, trigger=trigger, trigger_type=trigger)
    if run.state is RunState.CANCELLED:
        raise Conflict(
            f"Scenario {scenario} is running already, so run {run.id} was cancelled. {run.message}",
            hint=f"Wait for it, stop it with `penstock scenario abort {scenario}`, or set on_conflict: queue one. "
            "One whose process ended goes on when `penstock work` runs.",
        )
    return run


def prepared(
    node: Node, project: str, scenario: str, *, by: str = "", params: Mapping[str, Any] | None = None,
    trigger: str = "manual", trigger_type: str = "manual", variables: Mapping[str, Any] | None = None,
    parent: ScenarioRun | None = None, parent_step: str = "",
) -> ScenarioRun:  # fmt: skip
    """A run that nobody was asked for yet: what a trigger hands over together with its own state."""
    node.projects.settle(project, author=node.config.user)
    loaded = node.projects.load(project)
    check_sound(node, project, scenario)
    now = node.clock.now()
    return ScenarioRun(
        id=run_id(now), project=project, scenario=scenario, definition=as_it_is(loaded.scenario(scenario)),
        state=RunState.QUEUED, asked_at=now, asked_by=by or node.config.user,
        run_as=parent.run_as if parent else identity.run_as(node, loaded, scenario),
        trigger=trigger, trigger_type=trigger_type, params=dict(params or {}), variables=dict(variables or {}),
        parent=parent.id if parent else "", parent_step=parent_step,
    )  # fmt: skip


def check_sound(node: Node, project: str, scenario: str) -> None:
    """Raise the InvalidDefinition of a scenario that was edited by hand and is not well formed.

    It would run as nobody ever saved it. Quick when nothing was edited.
    """
    yaml = file_of("scenario", scenario)
    own = {yaml, f"{yaml.removesuffix('.yaml')}.py"}
    if not own & set(node.projects.uncommitted(project)):
        return
    for problem in node.projects.validate(project):
        if problem.file in own:
            raise problem.with_traceback(None)


def as_it_is(scenario: Scenario) -> dict[str, Any]:
    """Everything about a scenario as plain values, its script too."""
    return {**scenario.to_mapping(), **({"body": scenario.body} if scenario.body else {})}


def run_id(moment: datetime) -> str:
    """`2026-11-20-10-01-57-674`; sorts by time."""
    return f"{moment:%Y-%m-%d-%H-%M-%S}-{moment.microsecond // 1000:03d}"
