"""Measuring: run probes on one open object, all expressions in one query, and keep what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from penstock.core import metric
from penstock.core.errors import Aborted, PenstockError
from penstock.core.metric import (
    METRIC_TYPES,
    MetricType,
    MetricValue,
    NoValue,
    ObjectKey,
    Origin,
    Probe,
    Unavailable,
)

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.runtime.subject import Subject


@dataclass(frozen=True, slots=True)
class Skipped:
    """A metric (or a whole probe) that got no value, and why."""

    metric_id: str
    reason: str

    def __str__(self) -> str:
        return f"{self.metric_id}: {self.reason}"


@dataclass(frozen=True, slots=True)
class MetricsRun:
    """What one computation brought."""

    key: ObjectKey
    computed: tuple[MetricValue, ...]
    skipped: tuple[Skipped, ...]
    started_at: datetime
    ended_at: datetime
    queries: int = 0
    """How many queries the expressions took: one, whatever their number."""


def record(
    node: Node,
    key: ObjectKey,
    values: Mapping[str, Any],
    *,
    origin: Origin = "manual",
    run_id: str = "",
    evaluation_id: str = "",
    computed_at: datetime | None = None,
) -> MetricsRun:
    """Keep values that were computed elsewhere: metric id → plain value or `(value, type)`. NaN is never kept."""
    started = node.clock.now()
    common = MetricValue(
        key=key, metric_id="", data_type="STRING", value="", computed_at=computed_at or started, origin=origin,
        run_id=run_id, evaluation_id=evaluation_id,
    )  # fmt: skip
    points, skipped = _points(values, common)
    node.metrics.add_values(points)
    return MetricsRun(key, tuple(points), tuple(skipped), started, node.clock.now())


def measure(
    subject: Subject, probes: Sequence[Probe], wanted: set[str], *, origin: Origin, run_id: str
) -> MetricsRun:
    """Run probes on an open object and keep what they say; `wanted` limits the ids when it is not empty."""
    node = subject.node
    started = node.clock.now()
    chosen = [p for p in probes if _may_yield(p, wanted)]
    values, failed = _evaluated(subject, chosen)
    if wanted:
        values = {i: v for i, v in values.items() if i in wanted}
        missing = wanted - set(values) - {skipped.metric_id for skipped in failed}
        failed += [Skipped(i, "no probe of the object computes it.") for i in sorted(missing)]
    ended = node.clock.now()
    run = record(node, subject.key, values, origin=origin, run_id=run_id, computed_at=started)
    if chosen:
        took = {metric.METRICS_COMPUTATION_DURATION: _milliseconds(started, ended)}
        record(node, subject.key, took, origin=origin, run_id=run_id, computed_at=started)
    return replace(
        run, skipped=(*run.skipped, *failed), started_at=started, ended_at=ended, queries=subject.queries
    )


def look(subject: Subject, probes: Sequence[Probe]) -> dict[str, Any]:
    """What probes would say of an open object: metric id → plain value, or why there is none. Keeps nothing."""
    values, failed = _evaluated(subject, probes)
    told = {i: v.reason if isinstance(v, Unavailable) else v for i, v in values.items()}
    return told | {skipped.metric_id: skipped.reason for skipped in failed}


def _evaluated(subject: Subject, probes: Sequence[Probe]) -> tuple[dict[str, Any], list[Skipped]]:
    """Metric id → plain value of every probe, and what failed. All expressions together are one query."""
    expressions: dict[str, Any] = {}
    values: dict[str, Any] = {}
    failed: list[Skipped] = []
    for probe in probes:
        try:
            if type(probe).expressions is not Probe.expressions:
                expressions |= probe.expressions(subject.table, subject)
            values |= probe.measure(subject)
        except Aborted:
            raise
        except PenstockError as error:
            failed.append(Skipped(_title(probe), error.message))
    impossible = {i: e for i, e in expressions.items() if isinstance(e, Unavailable)}
    possible = {i: e for i, e in expressions.items() if i not in impossible}
    found, broken = each(subject, possible)
    failed += [Skipped(i, error.message) for i, error in broken.items()]
    return values | impossible | found, failed


def each(subject: Subject, expressions: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, PenstockError]]:
    """Ibis scalars over the rows in one query. Where that fails, as many more as it takes to find the culprits."""
    try:
        return subject.aggregate(expressions), {}
    except Aborted:
        raise
    except PenstockError as error:
        if len(expressions) == 1 or not _readable(subject):
            return {}, dict.fromkeys(expressions, error)
    keys = list(expressions)
    halves = [keys[: len(keys) // 2], keys[len(keys) // 2 :]]
    parts = [each(subject, {key: expressions[key] for key in half}) for half in halves]
    return {**parts[0][0], **parts[1][0]}, {**parts[0][1], **parts[1][1]}


def _readable(subject: Subject) -> bool:
    """Whether the rows can be read at all, so that it must be some expression that fails."""
    try:
        subject.aggregate({"rows": subject.table.count()})
    except Aborted:
        raise
    except PenstockError:
        return False
    return True


def _may_yield(probe: Probe, wanted: set[str]) -> bool:
    """Whether a probe could compute one of the wanted metrics; all may when nothing special is wanted."""
    known = probe.metric_ids()
    ends = f":{probe.name}"
    return not wanted or bool(wanted & set(known)) or any(_could(i, probe, ends) for i in wanted)


def _could(metric_id: str, probe: Probe, ends: str) -> bool:
    """By the shape of the id: of a probe with a name it ends with the name, else it is asked and looked through."""
    return metric_id.endswith(ends) if probe.name else type(probe).expressions is not Probe.expressions


def _points(values: Mapping[str, Any], common: MetricValue) -> tuple[list[MetricValue], list[Skipped]]:
    points: list[MetricValue] = []
    skipped: list[Skipped] = []
    for metric_id, value in values.items():
        try:
            data_type, text = _encoded(value)
        except NoValue as reason:
            skipped.append(Skipped(metric_id, reason.message))
        else:
            points.append(replace(common, metric_id=metric_id, data_type=data_type, value=text))
    return points, skipped


def _encoded(value: Any) -> tuple[MetricType, str]:
    if isinstance(value, Unavailable):
        raise NoValue(value.reason)
    if isinstance(value, tuple) and len(value) == 2 and value[1] in METRIC_TYPES:
        return metric.encode_as(value[0], value[1])
    return metric.encode(value)


def _title(probe: Probe) -> str:
    return probe.name or probe.kind_name()


def _milliseconds(start: datetime, end: datetime) -> int:
    return round((end - start).total_seconds() * 1000)
