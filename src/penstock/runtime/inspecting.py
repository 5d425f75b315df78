"""Inspecting: what is known about one object or recipe of a Flow, at one look. Reads no data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from penstock.core.dataset import Snapshot
from penstock.core.errors import NotFound, PenstockError
from penstock.core.flow import Flow
from penstock.core.job import Activity, Job
from penstock.core.names import local_references
from penstock.core.outcome import Verdict
from penstock.core.picture import FlowNode, ItemNode, Picture
from penstock.core.project import Project
from penstock.core.schema import described_like
from penstock.core.scope import rebuild_of
from penstock.runtime import flow as flows
from penstock.runtime import keeping, selection, status

if TYPE_CHECKING:
    from penstock.core.kind import Described
    from penstock.core.node import Node
    from penstock.core.schema import Schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """One node of the Flow with what people ask about it first."""

    node: FlowNode
    definition: Described
    where: str
    """Where a dataset's rows or a folder's files live, in words."""
    columns: Schema
    snapshot: Snapshot | None
    rebuild: str
    """normal, explicit or write_protected; empty for recipes and stores."""
    not_clearable: str
    """Why its data cannot be cleared; empty when it can."""
    job: Job | None
    """The job behind its last build."""
    activity: Activity | None
    verdict: Verdict | None
    """The worst of its checks."""
    scenarios: tuple[str, ...]
    """Those that name it."""
    upstream: int
    """How many objects it is made from."""
    downstream: int


def inspect(node: Node, project: str, name: str) -> Inspected:
    """One object, or the recipe of that name (`recipe:NAME` always means the recipe). Raises NotFound with the
    nearest name."""
    picture = flows.show(node, project, fresh=True)
    found = find(picture, project, name)
    loaded = node.projects.load(project)
    flow = Flow.of(loaded)
    is_item = isinstance(found, ItemNode)
    outputs = (found.name,) if isinstance(found, ItemNode) else found.outputs
    job, activity = _last(node, project, outputs)
    return Inspected(
        node=found,
        definition=loaded.item(found.name) if is_item else loaded.recipe(found.name),
        where=_where(loaded, found.name) if is_item else "",
        columns=_columns(node, loaded, found),
        snapshot=_snapshot(node, loaded, found),
        rebuild=rebuild_of(flow, found.name) if is_item and _is_built(loaded, found.name) else "",
        not_clearable=selection.clearable(node, project, [found.name])[found.name] if is_item else "",
        job=job, activity=activity,
        verdict=status.of_item(node, project, found.name).verdict if is_item else None,
        scenarios=tuple(_scenarios(loaded, outputs)),
        upstream=len(flow.upstream(outputs)), downstream=len(flow.downstream(outputs)),
    )  # fmt: skip


def _is_built(project: Project, name: str) -> bool:
    """Whether it says how it is built: what is its own and no store."""
    return name not in project.evaluation_stores and name not in project.foreign


def _where(project: Project, name: str) -> str:
    if name in project.foreign:
        return f"in project {project.home_of(name)[0]}"
    if name in project.datasets:
        return project.dataset(name).where()
    return project.folder(name).where() if name in project.folders else ""


def find(picture: Picture, project: str, name: str) -> FlowNode:
    """The node of an id or a name. Raises NotFound with the nearest."""
    found = picture.node(name)
    if found is None:
        raise NotFound("object", name, among=[n.name for n in picture.nodes], where=f"project {project}")
    return found


def _last(node: Node, project: str, outputs: tuple[str, ...]) -> tuple[Job | None, Activity | None]:
    """The job and the activity that built some outputs last; their records may be gone."""
    record = next((r for o in outputs if (r := node.runs.build_record(project, o))), None)
    if record is None or not record.job:
        return None, None
    try:
        job = node.runs.job(record.job)
    except PenstockError:
        return None, None
    return job, next((a for a in node.runs.activities(job.id) if a.recipe == record.recipe), None)


def _columns(node: Node, project: Project, found: FlowNode) -> Schema:
    if not isinstance(found, ItemNode) or found.type != "dataset":
        return ()
    dataset = project.dataset(found.name)
    snapshot = keeping.seen(node, project, found.name) if dataset.MANAGED else None
    return described_like(snapshot.columns, dataset.columns) if snapshot else dataset.columns


def _snapshot(node: Node, project: Project, found: FlowNode) -> Snapshot | None:
    is_managed = (
        isinstance(found, ItemNode) and found.type == "dataset" and project.dataset(found.name).MANAGED
    )
    return keeping.seen(node, project, found.name) if is_managed else None


def _scenarios(project: Project, names: tuple[str, ...]) -> list[str]:
    return [
        scenario
        for scenario, definition in project.scenarios.items()
        if any(r.name in names for r in local_references(definition, project.key))
    ]
