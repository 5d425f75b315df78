"""Reports of scenarios and their runs: everything a page shows of them, gathered once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from penstock.core import registry, scenario_words
from penstock.core.errors import InvalidDefinition, NotFound, PenstockError
from penstock.core.names import local_references
from penstock.core.outcome import Outcome
from penstock.core.project import file_of
from penstock.core.scenario import RunState, Scenario, ScenarioRun, Step, StepRun, after
from penstock.core.trigger import Upcoming
from penstock.runtime import last_runs, readiness, scenarios, schedule, upcoming
from penstock.runtime.run_record import SCRIPT
from penstock.runtime.scenarios import Listed

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project

LATEST = 300
"""So many runs of a project are looked at for its calendar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A scenario in the list of a project."""

    listed: Listed
    about: str
    tags: tuple[str, ...]
    starts: tuple[str, ...]
    """What starts it, in words; those that are off in brackets."""
    failing: str
    """Why the last look of one of its triggers failed."""
    chosen: bool
    """Whether it says itself as whom it runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One scenario as people look at it."""

    listed: Listed
    scenario: Scenario
    base: str
    """The content hash of its file: what a save must still find."""
    problems: Sequence[InvalidDefinition]
    """What is wrong with it, each with its field."""
    lacks: Sequence[InvalidDefinition]
    """What this node lacks for its reporters, each with its field."""
    triggers: Sequence[Upcoming]
    going_on: ScenarioRun | None
    usual: timedelta | None

    @property
    def name(self) -> str:
        return self.listed.name

    @property
    def title(self) -> str:
        return self.scenario.title or self.listed.name


@dataclass(frozen=True, slots=True, kw_only=True)
class StepShown:
    """One step of a run: what it is, whether it ran and why, and how the run stood after it."""

    label: str
    type: str
    words: str
    """When it runs, and how it counts."""
    items: tuple[str, ...]
    row: StepRun | None
    """None: its turn has not come."""
    parts: tuple[StepRun, ...]
    """What its script did."""
    afterwards: Outcome | None
    """The outcome of the run so far, once it ran."""

    @property
    def state(self) -> str:
        if self.row is None:
            return "NOT_STARTED"
        return str(self.row.outcome or self.row.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """One run as people look at it."""

    run: ScenarioRun
    title: str
    standing: Outcome | RunState
    steps: Sequence[StepShown]
    took: timedelta | None
    usual: timedelta | None
    calls: Sequence[ScenarioRun]
    """Runs that its steps asked for."""
    lines_to: str
    """Where the node's base URL is missing: what links in messages could not say."""

    @property
    def progress(self) -> float:
        """Between 0 and 1, by the steps whose turn has come."""
        return sum(s.row is not None for s in self.steps) / len(self.steps) if self.steps else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The runs of a project by scenario and day."""

    days: Sequence[date]
    rows: Mapping[str, Mapping[date, Sequence[ScenarioRun]]]
    coming: Sequence[upcoming.Slot]


def rows(node: Node, project: str) -> list[Row]:
    """Every scenario of a project, by name."""
    loaded = node.projects.load(project)
    failing = {t.scenario: t.error for t in schedule.next_runs(node, project) if t.error}
    return [_row(loaded, one, failing) for one in scenarios.listing(node, project)]


def row(node: Node, project: str, scenario: str) -> Row:
    """One of them. Raises NotFound with the nearest name."""
    loaded = node.projects.load(project)
    failing = {t.scenario: t.error for t in schedule.next_runs(node, project) if t.error}
    return _row(loaded, scenarios.listed(node, project, scenario), failing)


def report(node: Node, project: str, name: str) -> Report:
    """One scenario. Raises NotFound with the nearest name, InvalidDefinition for a broken file."""
    loaded = node.projects.load(project)
    scenario, file = loaded.scenario(name), file_of("scenario", name)
    return Report(
        listed=scenarios.listed(node, project, name), scenario=scenario, base=node.projects.read(project, file)[1],
        problems=[p for p in node.projects.validate(project) if p.file == file],
        lacks=readiness.lacks(node, loaded, name),
        triggers=[t for t in schedule.next_runs(node, project) if t.scenario == name],
        going_on=last_runs.current(node, project, name), usual=last_runs.average_duration(node, project, name),
    )  # fmt: skip


def run(node: Node, project: str, scenario: str, id: str) -> RunReport:
    """One run. Raises NotFound for a run of another project or scenario, too."""
    found = scenarios.show(node, id)
    if (found.project, found.scenario) != (project, scenario):
        raise NotFound("run", id, where=f"scenario {scenario}")
    done = scenarios.steps(node, id)
    begun = found.started_at
    end = found.ended_at or node.clock.now()
    return RunReport(
        run=found, title=str(found.definition.get("title") or scenario), standing=scenario_words.standing(found),
        steps=list(_steps(found, done)), took=end - begun if begun else None, usual=_usual(node, found),
        calls=[r for r in scenarios.history(node, project, since=found.asked_at, limit=LATEST) if r.parent == id],
        lines_to="" if node.config.base_url else "base_url",
    )  # fmt: skip


def calendar(node: Node, project: str, *, days: int = 14) -> Calendar:
    """The runs of the last days, and what starts next."""
    today = node.clock.now().date()
    shown = [today - timedelta(days=back) for back in reversed(range(days))]
    since = node.clock.now() - timedelta(days=days)
    found: dict[str, dict[date, list[ScenarioRun]]] = {
        name: {} for name in node.projects.load(project).scenarios
    }
    for one in reversed(scenarios.history(node, project, since=since, limit=LATEST)):
        found.setdefault(one.scenario, {}).setdefault(_day(one), []).append(one)
    return Calendar(
        days=shown, rows=dict(sorted(found.items())), coming=upcoming.of_project(node, project, count=8)
    )


def _day(run: ScenarioRun) -> date:
    return (run.started_at or run.asked_at).date()


def _row(project: Project, listed: Listed, failing: Mapping[str, str]) -> Row:
    scenario = project.scenarios.get(listed.name)
    triggers = scenario.triggers if scenario else ()
    return Row(
        listed=listed, about=scenario.short_description if scenario else "", tags=scenario.tags if scenario else (),
        starts=tuple(t.words if t.active else f"({t.words}, off)" for t in triggers),
        failing=failing.get(listed.name, ""), chosen=bool(scenario and scenario.run_as),
    )  # fmt: skip


def _usual(node: Node, run: ScenarioRun) -> timedelta | None:
    """How long runs of this scenario take; None when it is gone or never ended well."""
    try:
        return last_runs.average_duration(node, run.project, run.scenario)
    except NotFound:
        return None


def _steps(run: ScenarioRun, done: Sequence[StepRun]) -> Iterator[StepShown]:
    """The steps of the run as it was asked for; when that cannot be read any more, those that ran."""
    state = Outcome.SUCCESS
    by_place = {(row.position, row.part): row for row in done}
    for position, step in enumerate(_planned(run)):
        row = by_place.get((position, 0))
        ended = row is not None and row.outcome is not None
        if row is not None and row.outcome is not None:
            state = after(step, state, row.outcome)
        yield StepShown(
            label=row.label if row else step.name or f"Step #{position + 1}", type=step.kind_name(),
            words=", ".join(filter(None, (scenario_words.condition(step), scenario_words.counts(step)))),
            items=subjects(step, run.project), row=row, afterwards=state if ended else None,
            parts=tuple(r for r in done if r.position == position and r.part),
        )  # fmt: skip


def _planned(run: ScenarioRun) -> Sequence[Step]:
    """The steps a run was asked for with; a script is its one step."""
    stored = dict(run.definition)
    try:
        if stored.get("kind") == "python":
            step = registry.parse(
                "steps", {"type": "python", "name": SCRIPT, "code": stored.get("body") or "pass"}
            )
            return [step] if isinstance(step, Step) else []
        return registry.validate(Scenario, stored).steps
    except PenstockError:
        return []


def subjects(step: Step, project: str) -> tuple[str, ...]:
    """The objects of the project that a step names."""
    return tuple(dict.fromkeys(r.name for r in local_references(step, project)))
