"""Tiles: everything one tile of a dashboard may ask, as the person who looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from penstock.core import labels, metric, variables
from penstock.core.access import Permission, Right
from penstock.core.errors import NotAllowed, NotFound, NotReady, PenstockError
from penstock.core.metric import DATA_DRIFT, DATA_DRIFT_LOWER, DATA_DRIFT_UPPER, MetricValue
from penstock.core.outcome import Verdict
from penstock.core.page_filters import Filtering
from penstock.core.placement import LOCAL, Place
from penstock.core.report import Course, EvaluationView, Limit, Point, by_name, limits_of
from penstock.core.tile import Content, Judged, Passage, Tile, notice
from penstock.runtime import (
    checks,
    drift,
    evaluations,
    folders,
    guards,
    keeping,
    last_runs,
    people,
    status,
    training,
    wiki,
)
from penstock.runtime.contexts import place_of, reading
from penstock.runtime.subject import key_of, values_of
from penstock.runtime.variables import resolve

if TYPE_CHECKING:
    from penstock.core.access import Identity
    from penstock.core.check import CheckResult
    from penstock.core.evaluation import Evaluation
    from penstock.core.model import ModelVersion
    from penstock.core.node import Node
    from penstock.core.ports import Clock, Session
    from penstock.core.project import Project
    from penstock.core.scenario import ScenarioRun
    from penstock.runtime.contexts import Reading

MOST_ROWS = 200_000
"""Rows one query of a tile may bring; far more than anybody can see."""


@dataclass(kw_only=True)
class TileAccess:
    """The TileContext: what the tiles of one page ask while somebody looks at it."""

    node: Node
    project: Project
    dashboard: str
    who: Identity | None = None
    """None: nobody in particular, who may see everything: the command line, a scenario."""
    filtering: Mapping[str, Filtering] = field(default_factory=dict)
    stack: ExitStack = field(default_factory=ExitStack)
    _readings: dict[Place, Reading] = field(default_factory=dict)

    @property
    def clock(self) -> Clock:
        return self.node.clock

    @cached_property
    def variables(self) -> Mapping[str, Any]:
        return resolve(self.node, self.project)

    def expand(self, text: str) -> str:
        return variables.expand_text(text, self.variables, undefined="as typed")

    # metrics and checks -------------------------------------------------------------------------------------------

    def values(self, item: str) -> Mapping[str, MetricValue]:
        key = key_of(self.project, item)
        last = self.node.metrics.last(key)
        if key.type != "evaluation_store":
            return last
        newest = self.node.evaluations.latest(self.project.key, item)
        lasting = {i: v for i, v in last.items() if not v.evaluation_id}
        return lasting | (values_of(newest, key) if newest else {})

    def history(self, item: str, metric_id: str) -> Sequence[MetricValue]:
        return self.node.metrics.history(key_of(self.project, item), metric_id)

    def course(self, item: str, metric_id: str, last: int) -> Course | None:
        is_store = item in self.project.evaluation_stores
        found = self._of_evaluations(item, metric_id, last) if is_store else ()
        points = by_name(tuple(found)) or tuple(self._of_history(item, metric_id, last))
        if not points:
            return None
        return Course(
            item=item, metric_id=metric_id, label=metric.label(metric_id), points=points,
            limits=tuple(dict.fromkeys(self._limits(item, metric_id))),
            neutral=0.5 if metric_id == DATA_DRIFT else None,
        )  # fmt: skip

    def checks(self, item: str = "") -> Sequence[Judged]:
        names = [item] if item else status.monitored(self.project)
        return [judged for name in names for judged in self._checks_of(name, tell_item=not item)]

    def verdict(self, item: str, metric_id: str) -> Judged | None:
        judging = [
            latest
            for latest in checks.latest(self.node, self.project.key, item)
            if latest.demand.enabled and metric.id_of(getattr(latest.demand, "metric", "")) == metric_id
        ]
        if not judging:
            return None
        said = [latest.last.verdict for latest in judging if latest.last]
        worst = Verdict.worst(said) if said else None
        told = next((x for x in judging if x.last and x.last.verdict is worst), judging[0])
        return _judged(told.name, told.last)

    def _checks_of(self, item: str, *, tell_item: bool) -> Iterator[Judged]:
        for latest in checks.latest(self.node, self.project.key, item):
            if latest.demand.enabled:
                found = _judged(latest.name, latest.last)
                yield replace(found, item=item) if tell_item else found

    def _limits(self, item: str, metric_id: str) -> Iterator[Limit]:
        for demand in checks.demands(self.project, item):
            if demand.enabled and metric.id_of(getattr(demand, "metric", "")) == metric_id:
                yield from limits_of(demand)

    def _of_evaluations(self, store: str, metric_id: str, last: int) -> Iterator[Point]:
        newest = self.node.evaluations.list(self.project.key, store, limit=last, newest_first=True)
        for evaluation in reversed(newest):
            if metric_id in evaluation.metrics:
                yield _point(evaluation, metric_id)

    def _of_history(self, item: str, metric_id: str, last: int) -> Iterator[Point]:
        for value in self.node.metrics.history(key_of(self.project, item), metric_id, limit=last):
            if value.number is not None:
                yield Point(at=value.computed_at, value=value.number)

    # scenarios ----------------------------------------------------------------------------------------------------

    def runs(self, scenario: str, *, last: int, since: datetime | None = None) -> Sequence[Passage]:
        self.project.scenario(scenario)
        found = self.node.scenario_runs.runs(self.project.key, scenario, since=since, limit=last)
        return [_passage(run, self.clock.now()) for run in found]

    def next_run(self, scenario: str) -> datetime | None:
        found = self.project.scenario(scenario)
        now = self.clock.now()
        slots = [t.next_look(now) for t in found.triggers if found.active and t.active and t.SLOTS]
        return min((slot for slot in slots if slot), default=None)

    def usual_seconds(self, scenario: str) -> float | None:
        took = last_runs.average_duration(self.node, self.project.key, scenario)
        return took.total_seconds() if took else None

    def may_run(self, scenario: str) -> str:
        if self.who is None:
            return ""
        try:
            people.check_authorised(self.node, self.who, self.project.key, "scenario", scenario, Right.RUN)
        except NotAllowed as refused:
            return refused.message
        designs = people.may(self.node, self.who, Permission.WRITE, self.project.key)
        if designs or self.project.scenario(scenario).run_as:
            return ""
        return f"{scenario} does not say as whom it runs, so only people who may change the project start it."

    # data ---------------------------------------------------------------------------------------------------------

    def read(self, dataset: str, *, filtered: bool = True) -> Any:
        table = self._reading(place_of(self.node, self.project, dataset)).table(dataset)
        return self.choices(dataset).keep(table) if filtered else table

    def rows(self, table: Any) -> Sequence[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = self._session_of(table).arrow(table.limit(MOST_ROWS)).to_pylist()
        return found

    def choices(self, dataset: str) -> Filtering:
        return self.filtering.get(dataset, Filtering())

    def written_at(self, item: str) -> datetime | None:
        snapshot = keeping.seen(self.node, self.project, item)
        return snapshot.written_at if snapshot else None

    def _reading(self, place: Place = LOCAL) -> Reading:
        """Datasets open where they live: their rows stay there."""
        if place not in self._readings:
            opened = reading(self.node, self.project, self.variables, place=place)
            self._readings[place] = self.stack.enter_context(opened)
        return self._readings[place]

    def _session_of(self, table: Any) -> Session:
        """The session that a table is of; rows that lie in memory are of this process."""
        backends, _ = table._find_backends()
        own = (r.session for r in self._readings.values() if r.session.backend in backends)
        return next(own, None) or self._reading().session

    # models, files, words -----------------------------------------------------------------------------------------

    def evaluation(self, store: str, id: str = "") -> EvaluationView:
        view = drift.show(self.node, self.project.key, store, id)
        return EvaluationView(
            evaluation=view.evaluation, compared_with=view.reference, drift=view.report, no_drift=view.reason,
            differences=view.performance, course=None,
        )  # fmt: skip

    def evaluation_detail(self, store: str, id: str = "") -> tuple[Evaluation, Mapping[str, Any]]:
        shown = evaluations.show(self.node, self.project.key, store, id)
        return shown.evaluation, shown.detail

    def version(self, model: str, id: str = "") -> tuple[ModelVersion, Mapping[str, Any]]:
        version = training.versioned(self.node, self.project.key, model, id)
        try:
            return version, training.report(self.node, self.project.key, model, version.id)
        except NotFound:
            return version, {}

    def file(self, folder: str, path: str) -> bytes:
        with folders.open_file(self.node, self.project.key, folder, path) as file:
            return file.read()

    def article(self, name: str) -> str:
        return wiki.show(self.node, self.project.key, name.removesuffix(".md")).shown


@contextmanager
def looking(
    node: Node, project: Project, dashboard: str, *, who: Identity | None = None,
    filtering: Mapping[str, Filtering] | None = None,
) -> Iterator[TileAccess]:  # fmt: skip
    """What the tiles of a page may ask; what it opened is closed at the end."""
    with ExitStack() as stack:
        yield TileAccess(
            node=node,
            project=project,
            dashboard=dashboard,
            who=who or guards.asking(),
            filtering=filtering or {},
            stack=stack,
        )


def title_of(tile: Tile, ctx: TileAccess) -> str:
    """The title of a tile with its variables filled in, or what it shows."""
    return ctx.expand(tile.title) if tile.title else tile.about(ctx)


def content_of(tile: Tile, ctx: TileAccess) -> Content:
    """What a tile shows; when it cannot, why: an object that is gone, one that is not authorised, a wrong setting."""
    for sort, name in subjects(tile, ctx.project):
        if sort == "":
            return notice(
                f"'{name}' is gone: it was deleted, or the tile came from another project.",
                "Edit the tile and choose another object, or remove it.", reason="gone",
            )  # fmt: skip
        refused = _refused(ctx, sort, name)
        if refused is not None:
            return notice(refused.message, refused.hint, reason="not allowed")
    return _guarded(lambda: tile.data(ctx))


def subjects(tile: Tile, project: Project) -> list[tuple[str, str]]:
    """The objects a tile shows as (sort, name); the sort is empty of one that is gone."""
    found = []
    for reference in tile.objects(project.key):
        there = (s for s in reference.types if _is_there(project, s, reference.name))
        is_broken = any(reference.name in project.broken(s) for s in reference.types)
        sort = next(there, reference.types[0] if is_broken else "")
        found.append((str(sort), reference.name))
    return found + [("article", name) for name in tile.articles()]


def _is_there(project: Project, sort: str, name: str) -> bool:
    return name in getattr(project, f"{sort}s") or (
        name in project.foreign and project.item_type(name) == sort
    )


def stamp(node: Node, project: Project, sort: str, name: str) -> str:
    """A text that changes when an object was built, measured, judged, run or activated."""
    if sort == "scenario":
        return " ".join(
            f"{run.id}:{run.outcome or run.state}"
            for run in node.scenario_runs.runs(project.key, name, limit=3)
        )
    if sort not in ("dataset", "folder", "model", "evaluation_store"):
        return ""
    key = key_of(project, name)
    parts: list[Any] = [v.computed_at for v in node.metrics.last(key).values()]
    parts += [r.computed_at for r in node.metrics.last_results(key).values()]
    said = str(max(parts, default=""))
    if sort == "dataset":
        snapshot = keeping.seen(node, project, name)
        return f"{said} {snapshot.id if snapshot else ''}"
    if sort == "model":
        return f"{said} {node.models.active(project.key, name)}"
    if sort == "evaluation_store":
        latest = node.evaluations.latest(project.key, name)
        return f"{said} {latest.id if latest else ''} {node.evaluations.count(project.key, name)}"
    return said


def _refused(ctx: TileAccess, sort: str, name: str) -> NotAllowed | None:
    """Why the person who looks may not see an object."""
    if ctx.who is None:
        return None
    try:
        people.check_authorised(ctx.node, ctx.who, ctx.project.key, sort, name)
    except NotAllowed as refused:
        return refused
    return None


def _guarded(work: Callable[[], Content]) -> Content:
    try:
        return work()
    except NotReady as error:
        return notice(error.message, error.hint)
    except NotFound as error:
        return notice(error.message, error.hint, reason="gone")
    except PenstockError as error:
        return notice(error.message, error.hint, reason="broken")


def _judged(name: str, last: CheckResult | None) -> Judged:
    if last is None:
        return Judged(name=name, verdict=None)
    return Judged(name=name, verdict=last.verdict, message=last.message, at=last.computed_at)


def _point(evaluation: Evaluation, metric_id: str) -> Point:
    bounds = (DATA_DRIFT_LOWER, DATA_DRIFT_UPPER) if metric_id == DATA_DRIFT else ("", "")
    lower, upper = (evaluation.metrics.get(b) for b in bounds)
    value = evaluation.metrics[metric_id]
    return Point(
        at=evaluation.created_at, value=value, name=evaluation.name, lower=lower, upper=upper,
        version=labels.version_of(evaluation.labels, evaluation.version),
    )  # fmt: skip


def _passage(run: ScenarioRun, now: datetime) -> Passage:
    took = (run.ended_at or now) - run.started_at if run.started_at else None
    return Passage(
        id=run.id, state=str(run.outcome or run.state), at=run.started_at or run.asked_at,
        seconds=took.total_seconds() if took else None, trigger=run.trigger, by=run.asked_by, message=run.message,
    )  # fmt: skip
