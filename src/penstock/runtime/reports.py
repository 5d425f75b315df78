"""Reports: which reporters tell of a run, and what became of each. Nothing here ever changes a run's outcome."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from penstock.core import condition, registry
from penstock.core.errors import PenstockError
from penstock.core.report import NO_BASE_URL, Report, State, run_url, settled
from penstock.core.scenario import Scenario, slug
from penstock.runtime import observed
from penstock.runtime.reporting import ReportAccess

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project
    from penstock.core.reporter import Reporter
    from penstock.core.scenario import ScenarioRun, StepRun

Kept = Mapping[str, Any]
"""A report as plain values: what `ScenarioRun.reports` holds."""


def at_start(
    node: Node, run: ScenarioRun, variables: Mapping[str, Any], *, keep: Callable[[list[Kept]], None] | None = None
) -> list[Kept]:  # fmt: skip
    """Tell those who want to know that a run begins. Returns the run's reports so far, these among them."""
    return _all(node, run, (), variables, on="start", keep=keep)


def at_end(
    node: Node, run: ScenarioRun, steps: Sequence[StepRun], variables: Mapping[str, Any], *,
    keep: Callable[[list[Kept]], None] | None = None,
) -> list[Kept]:  # fmt: skip
    """Tell those who want to know that a run has ended; `run.outcome` is final, `variables` those of its end.

    A reporter that is settled already among `run.reports` is left alone; `keep` is called after each one, so that a
    worker that takes over from a dead one tells nobody twice. Returns all reports of the run.
    """
    ended = replace(run, ended_at=run.ended_at or node.clock.now())
    return _all(node, ended, steps, variables, on="end", keep=keep)


def send(
    node: Node, run: ScenarioRun, steps: Sequence[StepRun], reporter: Reporter, variables: Mapping[str, Any]
) -> Report:
    """Let one reporter tell of a run now, whatever its condition: what a `send_message` step does.

    The report says `failed` when it could not be sent; the step decides what that means.
    """
    project = node.projects.load(run.project)
    given = names_of(node, run, steps, project, variables)
    return _told(
        Told(node, project, run, steps, given), reporter, reporter.name or reporter.kind_name(), "now"
    )


@dataclass(frozen=True, slots=True)
class Told:
    """A run at one moment, as reporters tell of it."""

    node: Node
    project: Project
    run: ScenarioRun
    steps: Sequence[StepRun]
    variables: Mapping[str, Any]


def _all(
    node: Node, run: ScenarioRun, steps: Sequence[StepRun], variables: Mapping[str, Any], *,
    on: Literal["start", "end"], keep: Callable[[list[Kept]], None] | None,
) -> list[Kept]:  # fmt: skip
    reports = list(run.reports)
    waiting = [(n, r) for n, r in _named(run) if r.on == on and not settled(reports, n, on)]
    if not waiting:
        return reports
    told = _prepared(node, run, steps, variables)
    for name, reporter in waiting:
        reports.append(_once(_decided(node, told, reporter, name).to_mapping(), reports))
        if keep is not None:
            keep(reports)
    return reports


def _once(report: Kept, before: Sequence[Kept]) -> Kept:
    """A report without the notes that an earlier one of the run has: what the node lacks is told once."""
    known = {note for one in before for note in one.get("notes") or ()}
    return {**report, "notes": [note for note in report["notes"] if note not in known]}


def _prepared(
    node: Node, run: ScenarioRun, steps: Sequence[StepRun], variables: Mapping[str, Any]
) -> Told | PenstockError:
    """The run, ready to be told of; or why that cannot be, such as a project whose files are broken now."""
    try:
        project = node.projects.load(run.project)
        return Told(node, project, run, steps, names_of(node, run, steps, project, variables))
    except PenstockError as error:
        return error


def _named(run: ScenarioRun) -> list[tuple[str, Reporter]]:
    """The reporters of the run, as they were when it was asked for, each with a name of its own."""
    scenario = registry.validate(Scenario, dict(run.definition))
    named: dict[str, Reporter] = {}
    for reporter in scenario.reporters:
        name = reporter.name or reporter.kind_name()
        same = sum(n == name or n.startswith(f"{name} #") for n in named)
        named[f"{name} #{same + 1}" if same else name] = reporter
    return list(named.items())


def _decided(node: Node, told: Told | PenstockError, reporter: Reporter, name: str) -> Report:
    """Whether a reporter tells at all; if so, what became of it."""
    if not reporter.active:
        return _report(node, reporter, name, "off", "It is switched off.")
    if isinstance(told, PenstockError):
        return _report(node, reporter, name, "failed", f"There is nothing to tell from: {told}")
    try:
        if reporter.when is not None and not condition.holds(reporter.when, told.variables):
            return _report(node, reporter, name, "not asked for", f"{reporter.when} is not true.")
    except PenstockError as error:
        said = f"Its condition could not be judged: {error.message}"
        return _report(node, reporter, name, "failed", said)
    return _told(told, reporter, name, reporter.on)


def _told(told: Told, reporter: Reporter, name: str, on: str) -> Report:
    """Let a reporter tell, for as long as it may take."""
    began = time.monotonic()
    access = ReportAccess(
        node=told.node, project=told.project, run=told.run, steps=told.steps, variables=told.variables,
        timeout=reporter.timeout,
    )  # fmt: skip
    state, why = _sent(reporter, access)
    seconds = round(time.monotonic() - began, 3)
    return _report(told.node, reporter, name, state, why, on=on, notes=tuple(access.notes()), seconds=seconds)


def _sent(reporter: Reporter, access: ReportAccess) -> tuple[State, str]:
    mask = access.node.secrets.mask
    try:
        return "sent", mask(reporter.send(access))
    except PenstockError as error:
        return "failed", mask(str(error))
    except Exception as error:  # noqa: BLE001  other people's code: whatever it raises is a failed report, no more
        return "failed", mask(f"{type(error).__name__}: {error}")


def _report(
    node: Node, reporter: Reporter, name: str, state: State, why: str, *, on: str = "",
    notes: tuple[str, ...] = (), seconds: float = 0.0,
) -> Report:  # fmt: skip
    return Report(
        name=name, type=reporter.kind_name(), on=on or reporter.on, state=state, why=why, notes=notes,
        at=node.clock.now().isoformat(), seconds=seconds,
    )  # fmt: skip


def names_of(
    node: Node, run: ScenarioRun, steps: Sequence[StepRun], project: Project, given: Mapping[str, Any]
) -> Mapping[str, Any]:
    """What reporters know beside the variables of the run. A step that never ran has no outcome, which is no error."""
    base = node.config.base_url.rstrip("/")
    url = run_url(base, run.project, run.scenario, run.id)
    silent = {f"stepOutcome_{name}": None for label in _labels(run) for name in (label, slug(label))}
    seen = observed.checks(node, project, steps)
    known = {
        "scenarioName": run.definition.get("title") or run.scenario,
        "scenarioProjectKey": run.project,
        "projectKey": run.project,
        "triggerName": run.trigger,
        "triggerType": run.trigger_type,
        "outcome": run.outcome.value if run.outcome else "",
    }
    found = {
        "firstFailedJobName": observed.first_failed_job(node, steps),
        "allEventsSummary": "\n".join(map(str, observed.remarks(node, steps, seen))) or "Nothing to report.",
    }
    links = {"scenarioRunURL": url or f"({NO_BASE_URL})", "dssURL": base or f"({NO_BASE_URL})"}
    linked = {name: value for name, value in links.items() if not given.get(name)}
    return {**silent, **known, **given, **found, **linked}


def _labels(run: ScenarioRun) -> list[str]:
    steps = run.definition.get("steps") or ()
    return [str(step.get("name") or f"Step #{number}") for number, step in enumerate(steps, 1)]
