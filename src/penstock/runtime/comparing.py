"""Comparisons: items side by side, their curves over each other, what may be added, and those kept under a name."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from penstock.core import metric, registry
from penstock.core.comparison import Comparison
from penstock.core.errors import Conflict, Invalid, NotFound
from penstock.core.names import check_name
from penstock.core.project import file_of
from penstock.core.saved_comparison import SavedComparison
from penstock.runtime import drift, evaluation_reports, evaluations

if TYPE_CHECKING:
    from penstock.core.node import Node

OFFERED = 30
MAIN = ("performance:auc", "performance:mrocAUC", "performance:r2")
"""Of these a thumbnail shows the first that all items have, else any."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedComparison:
    """A saved comparison as a list shows it."""

    name: str
    title: str
    short_description: str
    items: int
    changed_by: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What a thumbnail of a comparison shows: one metric of its items, in their order."""

    label: str
    values: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedComparison:
    """A saved comparison to be looked at or changed."""

    name: str
    saved: SavedComparison
    base: str
    """The hash of its file: give it back with a save."""
    items: tuple[str, ...] = field(default=())
    """Those that are shown and still there."""
    hidden: tuple[str, ...] = ()
    """Those that are kept, not shown, and still there."""
    gone: tuple[str, ...] = ()
    """Items that are not there any more: a version or an evaluation was deleted."""
    champion: str = ""
    """Empty when it is gone or hidden."""


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


# kept under a name ----------------------------------------------------------------------------------------------------


def listing(node: Node, project: str) -> list[ListedComparison]:
    """Saved comparisons by name."""
    found = node.projects.load(project).comparisons
    return [_listed(node, project, name, found[name]) for name in sorted(found)]


def opened(node: Node, project: str, name: str) -> OpenedComparison:
    """A saved comparison with the items that are still there. Raises NotFound with the nearest name."""
    saved = node.projects.load(project).comparison(name)
    full = {item: _full_id(node, project, item) for item in saved.items}
    return OpenedComparison(
        name=name, saved=saved, base=node.projects.read(project, file_of("comparison", name))[1],
        items=tuple(id for item in saved.shown if (id := full[item])),
        hidden=tuple(id for item in saved.hidden if (id := full[item])),
        gone=tuple(item for item in saved.items if not full[item]),
        champion=full[saved.champion] if saved.champion in saved.shown else "",
    )  # fmt: skip


def show(node: Node, project: str, name: str) -> Comparison:
    """A saved comparison with its values now; items that are gone are left out."""
    found = opened(node, project, name)
    return evaluations.compare(node, project, found.items, champion=found.champion)


def create(
    node: Node, project: str, title: str, items: Sequence[str], *, author: str, champion: str = "", name: str = ""
) -> str:  # fmt: skip
    """Keep a comparison; its name, made from the title unless given. Raises Conflict for one that is taken."""
    made = check_name(name or re.sub(r"\W+", "_", title.strip().lower()).strip("_")[:100] or "_")
    if made in node.projects.load(project).comparisons:
        raise Conflict(
            f"There is a comparison '{made}' already.", hint="Open it and save it, or choose another title."
        )
    save(
        node,
        project,
        made,
        {"title": title.strip(), "items": list(items), "champion": champion},
        author=author,
    )
    return made


def save(
    node: Node, project: str, name: str, definition: SavedComparison | Mapping[str, Any], *, author: str,
    base: str | None = None,
) -> SavedComparison:  # fmt: skip
    """Write a comparison, as one commit. With the `base` it was opened with, SaveConflict tells of another's save.

    Raises InvalidDefinition naming the field, and Invalid for items of several prediction types.
    """
    parsed = (
        definition
        if isinstance(definition, SavedComparison)
        else registry.validate(SavedComparison, definition)
    )
    there = [item for item in parsed.shown if _full_id(node, project, item)]
    evaluations.compare(node, project, there)
    file = file_of("comparison", check_name(name))
    node.projects.save(
        project, {file: parsed}, author=author, message=f"Save comparison {name}",
        base=None if base is None else {file: base},
    )  # fmt: skip
    return parsed


def delete(node: Node, project: str, name: str, *, author: str) -> None:
    """Remove a saved comparison, as one commit; what it compared stays."""
    node.projects.load(project).comparison(name)
    file = file_of("comparison", name)
    node.projects.save(project, {file: None}, author=author, message=f"Delete comparison {name}")


def called(node: Node, project: str, items: Sequence[str]) -> dict[str, str]:
    """Item → what people call it; those that are gone are left out."""
    there = [item for item in items if _full_id(node, project, item)]
    return {item: evaluations.item(node, project, item).name for item in there}


def glances(node: Node, project: str) -> dict[str, Glance]:
    """Name of a saved comparison → the one metric by which its shown items can be told apart at a glance."""
    found = node.projects.load(project).comparisons
    made = ((name, _glance(node, project, saved)) for name, saved in found.items())
    return {name: glance for name, glance in made if glance is not None}


def _glance(node: Node, project: str, saved: SavedComparison) -> Glance | None:
    items = [
        evaluations.item(node, project, id) for item in saved.shown if (id := _full_id(node, project, item))
    ]
    common = set.intersection(*(set(item.metrics) for item in items)) if items else set()
    first = [id for id in MAIN if id in common] or metric.headline_ids(common)
    if not first:
        return None
    values = tuple((item.name, item.metrics[first[0]]) for item in items)
    return Glance(label=metric.label(first[0]), values=values)


def _full_id(node: Node, project: str, item: str) -> str:
    """The full id of an item, however it is written; empty when it is gone."""
    try:
        return evaluations.item(node, project, item).id
    except (NotFound, Invalid):
        return ""


def _listed(node: Node, project: str, name: str, saved: SavedComparison) -> ListedComparison:
    changed = node.projects.last_change(project, file_of("comparison", name))
    return ListedComparison(
        name=name, title=saved.title or name, short_description=saved.short_description, items=len(saved.items),
        changed_by=changed[0] if changed else "", changed_at=changed[1] if changed else None,
    )  # fmt: skip


def _names(of: Comparison) -> dict[str, str]:
    """Each item's name; with its id where two are called the same."""
    names = [i.name for i in of.items]
    return {
        i.id: i.name if names.count(i.name) == 1 else f"{i.name} ({i.id.rsplit('-', 1)[1]})" for i in of.items
    }
