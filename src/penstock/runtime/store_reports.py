"""Reports of evaluation stores: everything the page of one, or of all, shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from penstock.core import labels, metric
from penstock.core.evaluation import Evaluation, EvaluationStore
from penstock.core.metric import DATA_DRIFT
from penstock.core.project import file_of
from penstock.core.report import Limit, limits_of
from penstock.core.revision import Revision
from penstock.runtime import checks, status
from penstock.runtime.status import Status

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project

CHARTED = 200
"""So many of the newest evaluations are drawn; a store may have a hundred thousand."""
ROWS = "rows"
NAME = "name"
ESTIMATED, MEASURED = "estimated", "measured"
"""What the two lines of an estimated score are called."""
LABELS_SHOWN = 2
LEAST_PERIODS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What part of a store is asked for, and how."""

    text: str = ""
    by: str = ""
    """A metric id, `name`, `rows` …; nothing = the order of creation."""
    down: bool = True
    limit: int = 50
    offset: int = 0
    metrics: tuple[str, ...] = ()
    """Instead of those that were chosen for the store."""
    labels: tuple[str, ...] | None = None
    x: str = ""
    """The label that stands below the charts; nothing = the name."""
    colour: str = ""
    """The label whose values have a colour each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A metric as the head of a column."""

    id: str
    label: str
    about: str
    """What it is, on hovering."""
    main: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One evaluation on the chart of a metric."""

    n: int
    x: str
    value: float
    colour: str
    name: str
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Charted:
    """One metric over the evaluations, in order."""

    metric_id: str
    label: str
    spots: tuple[Spot, ...]
    limits: tuple[Limit, ...]
    neutral: float | None
    changes: tuple[tuple[int, str], ...]
    """Places where another version was evaluated, and which."""
    again: int = 0
    """Evaluations that are not drawn because the same month was evaluated again with the same version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """How often the measured main score lay within the band of its estimate."""

    label: str
    inside: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One evaluation store as people look at it."""

    name: str
    store: EvaluationStore
    evaluations: tuple[Evaluation, ...]
    """One page of them."""
    found: int
    total: int
    charted: tuple[Charted, ...]
    drawn: int
    """How many evaluations the charts show."""
    headings: tuple[Heading, ...]
    metrics: tuple[Heading, ...]
    """All that could be shown."""
    labels: tuple[str, ...]
    label_keys: tuple[str, ...]
    status: Status
    writers: tuple[str, ...]
    """Recipes that add to it."""
    changed: Revision | None
    estimator: Record | None = None
    """How often its estimates were right; None while nothing was both estimated and measured."""

    @property
    def models(self) -> tuple[str, ...]:
        """The models evaluated on this page."""
        return tuple(dict.fromkeys(e.model for e in self.evaluations if e.model))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One store in the list of a project."""

    name: str
    store: EvaluationStore
    total: int
    newest: Evaluation | None
    drift: tuple[float, ...]
    """The last values of Data Drift, oldest first."""
    score: tuple[float, ...]
    """The last values of its main metric."""
    status: Status


def everything(node: Node, project: str) -> list[Line]:
    """Every evaluation store of a project, with how it went lately."""
    loaded = node.projects.load(project)
    return [_line(node, loaded, name) for name in loaded.evaluation_stores]


def report(node: Node, project: str, name: str, asked: Asked) -> Report:
    """One store: a page of its evaluations and charts of the newest. Raises NotFound."""
    loaded = node.projects.load(project)
    store = loaded.evaluation_store(name)
    rows, found = node.evaluations.search(
        project, name, text=asked.text, by=asked.by, down=asked.down, limit=asked.limit, offset=asked.offset
    )
    drawn = list(reversed(node.evaluations.list(project, name, limit=CHARTED, newest_first=True)))
    known = metric.headline_ids(i for e in (*rows, *drawn) for i in e.metrics)
    custom = sorted({i for e in (*rows, *drawn) for i in e.metrics if i.startswith("custom:")})
    possible = _headings([*custom, *known], drawn)
    shown = _shown(asked.metrics or store.displayed_metrics, possible)
    keys = tuple(dict.fromkeys(k for e in (*rows, *drawn) for k in e.labels))
    saves = node.projects.history(project, file_of("evaluation_store", name), limit=1)
    return Report(
        name=name, store=store, evaluations=tuple(rows), found=found,
        total=found if not asked.text else node.evaluations.count(project, name),
        charted=tuple(c for h in shown if (c := _charted(loaded, name, h, drawn, asked))), drawn=len(drawn),
        headings=_in_table(possible), metrics=possible, label_keys=keys,
        labels=_labels_shown(keys, asked, rows), status=status.of_item(node, project, name),
        writers=tuple(r for r, recipe in loaded.recipes.items() if name in recipe.writes),
        changed=saves[0] if saves else None, estimator=_record(drawn),
    )  # fmt: skip


def _shown(chosen: Sequence[str], possible: Sequence[Heading]) -> list[Heading]:
    by_id = {h.id: h for h in possible}
    found = [by_id[i] for i in chosen if i in by_id]
    if found:
        return found
    main = [h for h in possible if h.main] or list(possible[:1])
    main += [h for h in possible if h not in main and any(m.id == metric.measured_id(h.id) for m in main)]
    return main + [h for h in possible if h.id in (metric.DRIFTED_COLUMNS, DATA_DRIFT) and h not in main]


def _in_table(possible: tuple[Heading, ...]) -> tuple[Heading, ...]:
    """All but estimates of scores that are measured too: of these the main one stands for all, beside its twin."""
    measured = {h.id for h in possible}
    main = next((h.id for h in possible if h.main), "")
    twice = {
        h.id for h in possible if metric.measured_id(h.id) in measured and metric.measured_id(h.id) != main
    }
    beside = [h for h in possible if main and metric.measured_id(h.id) == main]
    rest = [h for h in possible if h.id not in twice and h not in beside]
    place = next((n for n, h in enumerate(rest, 1) if h.id == main), len(rest))
    return (*rest[:place], *beside, *rest[place:])


def _record(drawn: Sequence[Evaluation]) -> Record | None:
    main = next((e.main_metric for e in reversed(drawn) if e.main_metric), "")
    low, high = metric.bounds(metric.estimated_id(main.partition(":")[2]))
    both = [e.metrics for e in drawn if {main, low, high} <= e.metrics.keys()]
    if not both:
        return None
    inside = sum(m[low] <= m[main] <= m[high] for m in both)
    return Record(label=metric.label(main), inside=inside, of=len(both))


def _labels_shown(keys: Sequence[str], asked: Asked, rows: Sequence[Evaluation]) -> tuple[str, ...]:
    """Those asked for, else the first of people's own that say more than the names do."""
    if asked.labels is not None:
        return tuple(k for k in asked.labels if k in keys)
    own = (k for k in keys if k not in labels.AUTOMATIC and ":" not in k)
    return tuple(k for k in own if any(e.labels.get(k, e.name) != e.name for e in rows))[:LABELS_SHOWN]


def _headings(ids: Iterable[str], drawn: Sequence[Evaluation]) -> tuple[Heading, ...]:
    ids = list(ids)
    main = next((e.main_metric for e in reversed(drawn) if e.main_metric), "")
    if main not in ids:
        main = next((i for i in ids if main and metric.measured_id(i) == main), main)
    return tuple(Heading(id=i, label=metric.label(i), about=about(i), main=i == main) for i in ids)


def about(metric_id: str) -> str:
    """What a metric is: the first sentence of the kind that computes it."""
    measured = metric.measured_id(metric_id)
    if measured:
        return f"Expected without ground truth, not measured. {_meanings().get(measured, '')}".strip()
    if metric_id.startswith("coverage:"):
        return "The share of true values at or below this quantile of the forecasts; it should be the quantile itself."
    return _meanings().get(metric_id, "")


@cache
def _meanings() -> Mapping[str, str]:
    from penstock.core import registry
    from penstock.core.drift_report import HALF
    from penstock.core.kind import documentation
    from penstock.core.score import Score

    kinds = [registry.kind("scores", name) for name in registry.names("scores")]
    found = {
        metric.performance_id(kind.CODE): documentation(kind)[0] for kind in kinds if issubclass(kind, Score)
    }
    return {
        **found,
        DATA_DRIFT: HALF,
        metric.DRIFTED_COLUMNS: "How many columns drift: significant after correction, and large enough to matter.",
        metric.MAX_PSI: "The largest population stability index of a column: 0 the same, over 0.2 usually drift.",
    }


def _charted(
    project: Project, store: str, heading: Heading, drawn: Sequence[Evaluation], asked: Asked
) -> Charted | None:
    having = [e for e in drawn if heading.id in e.metrics]
    if not having:
        return None
    order = _by_label(having, asked.x) if asked.x else _by_period(having)
    demands = [d for d in checks.demands(project, store) if d.enabled]
    limits = [
        limit
        for d in demands
        if metric.id_of(getattr(d, "metric", "")) == heading.id
        for limit in limits_of(d)
    ]
    return Charted(
        metric_id=heading.id, label=heading.label,
        spots=tuple(_spots(order, heading.id, asked, order is not having and not asked.x)),
        limits=tuple(dict.fromkeys(limits)), neutral=0.5 if heading.id == DATA_DRIFT else None,
        changes=tuple(_changes(order)) if order is having else (), again=len(having) - len(order),
    )  # fmt: skip


def _by_label(evaluations: Sequence[Evaluation], key: str) -> list[Evaluation]:
    """By time, by number or by letters, as the values of the label are."""
    place = {value: n for n, value in enumerate(labels.in_order(e.labels.get(key, "") for e in evaluations))}
    return sorted(evaluations, key=lambda e: place[e.labels.get(key, "")])


def _by_period(evaluations: list[Evaluation]) -> list[Evaluation]:
    """Evaluations of months, days or quarters in the order of these, the newest of each version; others as they are,
    in the order they were made."""
    newest = {(e.name, _version(e)): e for e in evaluations}
    names = {e.name for e in evaluations}
    if len(names) < LEAST_PERIODS or not labels.are_periods(names):
        return evaluations
    return sorted(newest.values(), key=lambda e: e.name)


def _spots(order: Sequence[Evaluation], metric_id: str, asked: Asked, by_period: bool) -> Iterable[Spot]:
    low, high = metric.bounds(metric_id)
    measured = metric.measured_id(metric_id)
    names = list(dict.fromkeys(e.name for e in order))
    versions = {_version(e) for e in order}
    for place, e in enumerate(order):
        n = names.index(e.name) if by_period else place
        x = e.labels.get(asked.x, "") if asked.x else e.name
        version = _version(e) if by_period and len(versions) > 1 else ""
        one = _series(ESTIMATED if measured else "current", version)
        yield Spot(
            n=n, x=x, value=e.metrics[metric_id], name=e.name, lower=e.metrics.get(low), upper=e.metrics.get(high),
            colour=e.labels.get(asked.colour, "–") if asked.colour else one,
        )  # fmt: skip
        if measured in e.metrics and not asked.colour and len(order) > 1:
            yield Spot(
                n=n, x=x, value=e.metrics[measured], colour=_series(MEASURED, version), name=e.name, lower=None,
                upper=None,
            )  # fmt: skip


def _version(evaluation: Evaluation) -> str:
    return labels.version_of(evaluation.labels, evaluation.version)


def _series(what: str, version: str) -> str:
    """The line a point belongs to: one for each model version, where several were evaluated on the same months."""
    return what if not version else version if what == "current" else f"{what}, {version}"


def _changes(order: Sequence[Evaluation]) -> Iterable[tuple[int, str]]:
    for n in range(1, len(order)):
        before, now = order[n - 1], order[n]
        if now.version and before.version and now.version != before.version:
            yield n, now.labels.get(labels.MODEL_NAME, now.version)


def _line(node: Node, project: Project, name: str) -> Line:
    newest = list(reversed(node.evaluations.list(project.key, name, limit=24, newest_first=True)))
    last = newest[-1] if newest else None
    main = last.main_metric if last else ""
    return Line(
        name=name, store=project.evaluation_store(name), total=node.evaluations.count(project.key, name), newest=last,
        drift=tuple(e.metrics[DATA_DRIFT] for e in newest if DATA_DRIFT in e.metrics),
        score=tuple(e.metrics[main] for e in newest if main in e.metrics),
        status=status.of_item(node, project.key, name),
    )  # fmt: skip
