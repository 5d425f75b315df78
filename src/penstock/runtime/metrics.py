"""Metrics: compute what probes measure, record what builds and evaluations say, list and show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from penstock.core import metric, registry
from penstock.core.errors import Conflict, NotFound
from penstock.core.flow import Flow
from penstock.core.metric import MetricValue, Origin, Probe
from penstock.core.names import check_name
from penstock.core.project import ZONES_FILE, Zones, file_of
from penstock.core.zone import DEFAULT, zone_of
from penstock.runtime.measuring import MetricsRun, Skipped, measure, record
from penstock.runtime.subject import key_of, opened

if TYPE_CHECKING:
    from penstock.core.contexts import Log
    from penstock.core.dataset import Snapshot
    from penstock.core.kind import Definition
    from penstock.core.node import Node
    from penstock.core.project import Project

ALWAYS_THERE = {"dataset": ("basic", "records"), "folder": ("basic",)}
"""Probes every object of a type has without being asked; one in its definition takes the place of it."""


@dataclass(frozen=True, slots=True)
class Available:
    """A metric that may be displayed, checked or charted: one line of the X/Y chooser."""

    id: str
    label: str
    last: MetricValue | None
    displayed: bool


def compute(
    node: Node,
    project_key: str,
    item: str,
    *,
    probes: Sequence[str] | None = None,
    metric_ids: Sequence[str] | None = None,
    origin: Origin = "manual",
    run_id: str = "",
    variables: Mapping[str, Any] | None = None,
) -> MetricsRun:
    """Compute and keep the metrics of an object: all enabled probes, or those named by name or type, or some ids.

    A failing probe is reported in `skipped` and does not stop the others. Raises NotFound for a probe the object
    does not have.
    """
    node.projects.settle(project_key, author=node.config.user)
    project = node.projects.load(project_key)
    chosen = _chosen(probes_of(project, item), probes, item)
    with opened(node, project, item, variables=variables) as subject:
        return measure(subject, chosen, set(metric_ids or ()), origin=origin, run_id=run_id)


def after_build(
    node: Node, project: Project, item: str, *, snapshot: Snapshot | None = None, job: str = "",
    log: Log | None = None,
) -> MetricsRun:  # fmt: skip
    """Compute the on-build probes of an object that was just built; failures are warnings of the log."""
    chosen = [p for p in probes_of(project, item) if p.on_build and p.enabled]
    with opened(node, project, item, log=log.info if log else None) as subject:
        run = measure(subject, chosen, set(), origin="build", run_id=job)
    for skipped in run.skipped if log else ():
        log.warning(f"Metric {skipped.metric_id} of {item} was not computed: {skipped.reason}")  # type: ignore[union-attr]
    return run


def probes_of(project: Project, item: str) -> tuple[Probe, ...]:
    """The probes of an object: its own, and those every object of its type has."""
    item_type = project.item_type(item)
    own = project.item(item).probes
    there = {probe.kind_name() for probe in own}
    names = [n for n in ALWAYS_THERE.get(item_type, ()) if n not in there]
    return (*(_probe(n) for n in names), *(p for p in own if item_type in p.SERVES))


def available(node: Node, project_key: str, item: str) -> list[Available]:
    """Every metric an object has or will have: those displayed first, in their order, the others by name."""
    project = node.projects.load(project_key)
    shown = project.item(item).displayed_metrics
    last = node.metrics.last(key_of(project, item))
    columns = [c.name for c in project.datasets[item].columns] if item in project.datasets else []
    known = {i for p in probes_of(project, item) for i in p.metric_ids(columns)} | set(last) | set(shown)
    found = [Available(i, metric.label(i), last.get(i), i in shown) for i in known]
    return sorted(found, key=lambda m: (shown.index(m.id) if m.displayed else len(shown), m.label, m.id))


def display(
    node: Node, project_key: str, item: str, metric_ids: Sequence[str], *, author: str, base: str = ""
) -> None:  # fmt: skip
    """Choose which metrics of an object are shown first, in this order; saved with its definition. Raises SaveConflict
    when its file is no longer the one that `base` was read with; without it nobody looks."""
    project = node.projects.load(project_key)
    changed = project.item(item).changed(displayed_metrics=tuple(metric_ids))
    file = file_of(project.item_type(item), item)
    node.projects.save(
        project_key, {file: changed}, author=author, message=f"Choose the metrics shown for {item}",
        base={file: base} if base else None,
    )  # fmt: skip


def history(node: Node, project_key: str, item: str, metric_id: str, *, limit: int = 0) -> list[MetricValue]:
    """All values of one metric, oldest first. Raises NotFound with the nearest id when it has none."""
    project = node.projects.load(project_key)
    key = key_of(project, item)
    found = node.metrics.history(key, metric_id, limit=limit)
    if not found:
        raise NotFound("value of metric", metric_id, among=node.metrics.last(key), where=item)
    return found


def create_metrics_dataset(
    node: Node,
    project_key: str,
    item: str,
    content: Literal["metrics", "checks"] = "metrics",
    *,
    author: str,
    name: str = "",
    scope: Literal["object", "project"] = "object",
    last_only: bool = False,
) -> str:
    """Make a live dataset of the metrics, or of what the checks said, in the zone of the object; its name.

    It is called `<item>_metrics` or `<item>_checks` unless a name is given. Raises Conflict when that is taken.
    """
    project = node.projects.load(project_key)
    project.item(item)
    name = check_name(name or f"{item}_{content}")
    if name in project.items or name in project.recipes:
        raise Conflict(f"There is already something called '{name}'.", hint="Give another name.")
    about = {"item": item} if scope == "object" else {"scope": "project"}
    made = registry.parse(
        "datasets", {"type": content, **about, "content": "last" if last_only else "history"}
    )
    saved: dict[str, Definition] = {file_of("dataset", name): made}
    zone = zone_of(Flow.of(project), item)
    if zone != DEFAULT:
        saved[ZONES_FILE] = _placed(project.zones, zone, name)
    node.projects.save(
        project_key, saved, author=author, message=f"Create dataset {name} from the {content} of {item}"
    )
    return name


def _placed(zones: Zones, zone: str, name: str) -> Zones:
    """The zones with one item more in one of them."""
    entry = zones.zones[zone]
    return zones.changed(zones={**zones.zones, zone: entry.changed(items=(*entry.items, name))})


def _probe(name: str) -> Probe:
    found = registry.parse("probes", {"type": name})
    assert isinstance(found, Probe)
    return found


def _chosen(probes: Sequence[Probe], names: Sequence[str] | None, item: str) -> list[Probe]:
    """Those that are enabled, or those named; a probe that is named is computed even when it is off."""
    if names is None:
        return [p for p in probes if p.enabled]
    by_name: dict[str, list[Probe]] = {}
    for probe in probes:
        for name in {probe.name, probe.kind_name()} - {""}:
            by_name.setdefault(name, []).append(probe)
    for name in names:
        if name not in by_name:
            raise NotFound("probe", name, among=by_name, where=item)
    return [p for p in probes if {p.name, p.kind_name()} & set(names)]


__all__ = [
    "Available",
    "MetricsRun",
    "Skipped",
    "after_build",
    "available",
    "compute",
    "create_metrics_dataset",
    "display",
    "history",
    "probes_of",
    "record",
]
