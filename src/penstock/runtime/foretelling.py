"""Foretelling: what a recipe will take, said in its log before long work. What earlier work took tells the machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from penstock.core import cost
from penstock.core.metric import ObjectKey
from penstock.core.placement import LOCAL
from penstock.runtime import keeping, placing

if TYPE_CHECKING:
    from penstock.core.cost import Cost
    from penstock.core.job import BuildRecord
    from penstock.core.node import Node
    from penstock.core.project import Project

COUNTED = "records:COUNT_RECORDS"
PAST = 20
"""Builds, the newest, that this machine is told by."""
TELLING = 5.0
"""Seconds that work must have taken to tell something of the machine: less is beginning and ending."""


def before(node: Node, project: Project, recipe: str) -> str:
    """What to say before a recipe runs in this process; nothing of short work, nor where nobody knows its rows."""
    size = _size(node, project, recipe)
    if size is None or placing.of(node, project, recipe).place != LOCAL:
        return ""
    work = project.recipe(recipe).costs_like
    if cost.estimate(work, *size).seconds * cost.TRUSTED[1] < cost.LONG:
        return ""
    factor = cost.calibrated(list(_past(node, project)))
    found = cost.estimate(work, *size, factor=factor)
    return cost.sentence(found, *size) if found.seconds >= cost.LONG else ""


def _size(node: Node, project: Project, recipe: str) -> tuple[int, int] | None:
    """Rows of all inputs together, columns of the widest; None when one of them was never counted."""
    found = project.recipe(recipe)
    inputs = [name for name in found.reads if name in project.datasets]
    sizes = [_size_of(node, project, name) for name in inputs]
    known = [size for size in sizes if size is not None]
    if found.costs_like not in cost.FORETOLD or not inputs or len(known) < len(sizes):
        return None
    return sum(rows for rows, _ in known), max(columns for _, columns in known)


def _size_of(node: Node, project: Project, dataset: str) -> tuple[int, int] | None:
    definition = project.dataset(dataset)
    snapshot = keeping.seen(node, project, dataset) if definition.MANAGED else None
    if snapshot is not None:
        return snapshot.rows, len(snapshot.columns)
    counted = node.metrics.last(ObjectKey(project=project.key, type="dataset", name=dataset)).get(COUNTED)
    if counted is None or counted.number is None:
        return None
    return int(counted.number), max(len(definition.columns), 1)


def _past(node: Node, project: Project) -> Iterator[tuple[Cost, float]]:
    """What earlier builds of the project would have been foretold, and the seconds they took."""
    records = sorted(node.runs.build_records(project.key).values(), key=lambda r: r.built_at, reverse=True)
    for record in records[:PAST]:
        if record.recipe not in project.recipes or not record.success:
            continue
        took, size = _took(node, record), _size(node, project, record.recipe)
        if took >= TELLING and size is not None:
            yield cost.estimate(project.recipe(record.recipe).costs_like, *size), took


def _took(node: Node, record: BuildRecord) -> float:
    for activity in node.runs.activities(record.job):
        if activity.recipe == record.recipe and activity.started_at and activity.ended_at:
            return (activity.ended_at - activity.started_at).total_seconds()
    return 0.0
