"""Comparisons as their page shows them: items side by side, their curves over each other, and what may be added."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.core.comparison import Comparison
from penstock.runtime import drift, evaluation_reports, evaluations

if TYPE_CHECKING:
    from penstock.core.node import Node

OFFERED = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A version or an evaluation that can be taken in."""

    id: str
    words: str
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A comparison with its curves."""

    comparison: Comparison
    curves: Mapping[str, Mapping[str, Any]]
    """Name of an item → its curves; items without any are left out."""
    importances: Mapping[str, Mapping[str, float]]
    screens: Sequence[str]
    """Screens every item can be drawn on."""
    offers: Sequence[Offer]


def report(node: Node, project: str, items: Sequence[str], champion: str = "") -> Report:
    """Items side by side. Raises Invalid for items of different prediction types, NotFound for an unknown one."""
    found = evaluations.compare(node, project, items, champion=champion)
    names = _names(found)
    measured = {names[i.id]: drift.performance_of(node, project, i.id) for i in found.items}
    drawn = {name: p for name, p in measured.items() if p is not None and p.curves}
    screens = [
        s for s in (next(iter(drawn.values())).screens if drawn else ()) if s not in ("confusion", "metrics")
    ]
    weights = {names[i.id]: evaluation_reports.importance_of(node, project, i.id) for i in found.items}
    return Report(
        comparison=found, curves={name: p.curves for name, p in drawn.items()}, screens=screens,
        importances={name: w for name, w in weights.items() if w},
        offers=offers(node, project, found.prediction_type, {i.id for i in found.items}),
    )  # fmt: skip


def offers(
    node: Node, project: str, prediction_type: str | None = None, taken: Collection[str] = ()
) -> list[Offer]:
    """Versions and the newest evaluations of one prediction type, or of any while nothing was chosen."""
    loaded = node.projects.load(project)
    found: list[tuple[str | None, Offer]] = [
        (v.prediction_type, Offer(id=v.full_id, words=f"{m}: {v.name}", group="Versions"))
        for m in loaded.models for v in node.models.versions(project, m)
    ]  # fmt: skip
    for store in loaded.evaluation_stores:
        listed = node.evaluations.list(project, store, limit=OFFERED, newest_first=True)
        found += [(e.prediction_type, Offer(id=e.full_id, words=e.name, group=store)) for e in listed]
    return [o for type, o in found if o.id not in taken and (not taken or type == prediction_type)]


def _names(of: Comparison) -> dict[str, str]:
    """Each item's name; with its id where two are called the same."""
    names = [i.name for i in of.items]
    return {
        i.id: i.name if names.count(i.name) == 1 else f"{i.name} ({i.id.rsplit('-', 1)[1]})" for i in of.items
    }
