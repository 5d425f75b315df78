"""Previews: what a trigger sees now, when it is due, and what a reporter would say, before any of it is saved."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from penstock.core import registry, run_variables
from penstock.core.access import Permission, code_in
from penstock.core.connection import Connection
from penstock.core.errors import InvalidDefinition, PenstockError
from penstock.core.message import Message
from penstock.core.outcome import Outcome
from penstock.core.project import file_of
from penstock.core.report import Report
from penstock.core.reporter import Reporter
from penstock.core.scenario import RunState, Scenario, ScenarioRun, StepRun
from penstock.core.trigger import Trigger, TriggerState
from penstock.runtime import guards, reports
from penstock.runtime.looking import Look
from penstock.runtime.reporting import ReportAccess
from penstock.runtime.variables import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from penstock.core.node import Node
    from penstock.core.project import Project


@dataclass(frozen=True, slots=True)
class Due:
    """When a trigger starts the scenario: in words, and the next times of one that knows them."""

    words: str
    times: tuple[datetime, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What one look of a trigger brought. It started nothing and remembered nothing."""

    fires: bool
    params: Mapping[str, Any]
    seconds: float
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """What a reporter would send, with the values of a run."""

    messages: Sequence[Message]
    rows: Sequence[Mapping[str, Any]]
    """Rows it would add to a dataset."""
    notes: Sequence[str]
    run: ScenarioRun | None
    """The run it was filled in from; None when there was none yet, and an imagined one was taken."""
    problem: str = ""


@dataclass(kw_only=True)
class Drafting(ReportAccess):
    """A ReportContext that keeps what would be sent."""

    messages: list[Message] = field(default_factory=list)
    rows_added: list[Mapping[str, Any]] = field(default_factory=list)

    def channel(self, name: str, type: str) -> Connection:
        """The channel; one that is not there is noted, and the message is drafted all the same."""
        try:
            return super().channel(name, type)
        except PenstockError as error:
            self.note(str(error))
            return Connection.model_construct()

    def deliver(self, channel: Connection, messages: Sequence[Message]) -> str:
        self.messages += messages
        return "drafted"

    def append(self, dataset: str, row: Mapping[str, Any]) -> None:
        self.rows_added.append(row)


def due(node: Node, values: Mapping[str, Any], *, count: int = 5) -> Due:
    """When a trigger would start its scenario. Raises InvalidDefinition for one that makes no sense."""
    trigger = _trigger(values)
    times = islice(_slots(trigger, node.clock.now()), count) if trigger.SLOTS else ()
    return Due(trigger.words, tuple(times))


def look(node: Node, project: str, scenario: str, values: Mapping[str, Any]) -> Looked:
    """Let a trigger look once, with what the saved one remembers; nothing is started or remembered.

    Raises InvalidDefinition, and NotAllowed for code of somebody who may not write any.
    """
    guards.require(node, Permission.WRITE, project)
    trigger = _trigger(values)
    if code_in(file_of("scenario", scenario), trigger):
        guards.require(node, Permission.WRITE_CODE)
    loaded = node.projects.load(project)
    began, now = time.monotonic(), node.clock.now()
    state = _state(node, project, scenario, trigger)
    try:
        firing = trigger.fires(Look(node=node, project=loaded, scenario=scenario, state=state, now=now))
    except PenstockError as error:
        said = node.secrets.mask(str(error))
        return Looked(fires=False, params={}, seconds=_since(began), problem=said)
    fires = firing is not None and firing.fire
    return Looked(fires=fires, params=firing.params if firing else {}, seconds=_since(began))


def draft(node: Node, project: str, scenario: str, values: Mapping[str, Any]) -> Drafted:
    """What a reporter would say of the last run. Nothing is sent. Raises InvalidDefinition."""
    guards.require(node, Permission.WRITE, project)
    reporter, loaded = _reporter(values), node.projects.load(project)
    run, steps = _last(node, loaded, scenario)
    access = Drafting(
        node=node, project=loaded, run=run, steps=steps, variables=_variables(node, loaded, run, steps),
        timeout=reporter.timeout,
    )  # fmt: skip
    problem = ""
    try:
        reporter.send(access)
    except PenstockError as error:
        problem = node.secrets.mask(str(error))
    return Drafted(
        messages=[_masked(node, m) for m in access.messages], rows=access.rows_added, notes=access.notes(),
        run=run if run.id != IMAGINED else None, problem=problem,
    )  # fmt: skip


def send(node: Node, project: str, scenario: str, values: Mapping[str, Any]) -> Report:
    """Let a reporter tell of the last run now, whatever its condition: a test. Raises InvalidDefinition."""
    guards.require(node, Permission.WRITE, project)
    reporter, loaded = _reporter(values), node.projects.load(project)
    run, steps = _last(node, loaded, scenario)
    return reports.send(node, run, steps, reporter, _variables(node, loaded, run, steps))


IMAGINED = "imagined"


def _last(node: Node, project: Project, scenario: str) -> tuple[ScenarioRun, Sequence[StepRun]]:
    """The newest run that has ended, or an imagined one, as whom the scenario would run now."""
    from penstock.runtime import scenarios

    definition = project.scenario(scenario)
    now, who = node.clock.now(), scenarios.listed(node, project.key, scenario).run_as
    found = node.scenario_runs.runs(project.key, scenario, finished=True, limit=5)
    ended = next((run for run in found if run.outcome is not None), None)
    if ended is not None:
        return replace(ended, run_as=who), node.scenario_runs.steps(ended.id)
    run = ScenarioRun(
        id=IMAGINED, project=project.key, scenario=scenario, definition=definition.to_mapping(),
        state=RunState.DONE, asked_at=now, asked_by=who, run_as=who, started_at=now, ended_at=now,
        outcome=Outcome.SUCCESS,
    )  # fmt: skip
    return run, ()


def _variables(node: Node, project: Project, run: ScenarioRun, steps: Sequence[StepRun]) -> Mapping[str, Any]:
    """Every name that has a value for the reporters of a run, as it was defined then."""
    scenario = registry.validate(Scenario, dict(run.definition))
    outcome = run.outcome or Outcome.SUCCESS
    own = run_variables.of_run(run, scenario, steps, outcome, base_url=node.config.base_url)
    given = resolve(node, project, own)
    kept = {n: v for n, v in given.items() if n not in ("allEventsSummary", "firstFailedJobName")}
    return reports.names_of(node, run, steps, project, kept)


def _state(node: Node, project: str, scenario: str, trigger: Trigger) -> TriggerState:
    """What the saved trigger of that name remembers."""
    label = trigger.name or trigger.kind_name()
    states = node.scenario_runs.trigger_states(project, scenario)
    known = next((s for s in states if s.trigger == label), None)
    return known or TriggerState(project=project, scenario=scenario, trigger=label)


def _slots(trigger: Trigger, after: datetime) -> Iterator[datetime]:
    moment = trigger.next_look(after)
    while moment is not None:
        yield moment
        moment = trigger.next_look(moment)


def _trigger(values: Mapping[str, Any]) -> Trigger:
    made = registry.parse("triggers", values)
    if not isinstance(made, Trigger):
        raise InvalidDefinition("This is no trigger.", field="type")
    return made


def _reporter(values: Mapping[str, Any]) -> Reporter:
    made = registry.parse("reporters", values)
    if not isinstance(made, Reporter):
        raise InvalidDefinition("This is no reporter.", field="type")
    return made


def _masked(node: Node, message: Message) -> Message:
    mask = node.secrets.mask
    return replace(
        message, subject=mask(message.subject), text=mask(message.text), html=mask(message.html),
        body=mask(message.body),
    )  # fmt: skip


def _since(began: float) -> float:
    return round(time.monotonic() - began, 2)
