"""Reports of metrics and checks: everything one page shows of an object, and edits of its probes, checks and rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from penstock.core import metric, registry
from penstock.core.bounds import NO_LIMIT, Range
from penstock.core.check import Check, CheckResult, Judgement
from penstock.core.errors import NotFound
from penstock.core.kind import Definition, Kind
from penstock.core.metric import Probe
from penstock.core.outcome import Verdict
from penstock.core.project import file_of
from penstock.core.report import Course
from penstock.core.rule import Rule
from penstock.runtime import checks, measuring, metrics
from penstock.runtime.checks import Latest
from penstock.runtime.metrics import Available
from penstock.runtime.subject import opened
from penstock.runtime.tiles import TileAccess

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project

LATELY = 60
"""Values of one metric that a curve shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is measured on an object, what is demanded of it, and what came of both."""

    definition: Any
    metrics: Sequence[Available]
    courses: Sequence[Course]
    """Of the metrics that are displayed, as far as they are numbers."""
    demands: Sequence[Latest]
    probes: Sequence[Probe]
    own: frozenset[str]
    """Types of the probes its definition names; others every object of its sort has."""
    verdict: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What a probe, check or rule would say, before anybody saves it."""

    judgement: Judgement | None
    values: Mapping[str, Any]


def report(node: Node, project: str, item: str) -> Report:
    """One object. Raises NotFound with the nearest name."""
    loaded = node.projects.load(project)
    definition = loaded.item(item)
    found = metrics.available(node, project, item)
    shown = [m.id for m in found if m.displayed and m.last is not None]
    demands = checks.latest(node, project, item)
    courses = (course(node, project, item, id) for id in shown)
    return Report(
        definition=definition, metrics=found, courses=[c for c in courses if c is not None], demands=demands,
        probes=metrics.probes_of(loaded, item), own=frozenset(p.kind_name() for p in definition.probes),
        verdict=worst(d.last for d in demands if d.last is not None and d.demand.enabled),
    )  # fmt: skip


def course(node: Node, project: str, item: str, metric_id: str) -> Course | None:
    """How one metric went, with the limits of its checks; None when it is no number, or has no value."""
    return TileAccess(node=node, project=node.projects.load(project), dashboard="").course(
        item, metric_id, LATELY
    )


def worst(results: Iterable[CheckResult]) -> str:
    """The worst of some verdicts; empty for none."""
    found = [r.verdict for r in results]
    return str(Verdict.worst(found)) if found else ""


def demanded(node: Node, project: str, item: str, family: str, key: str) -> Kind:
    """One probe, check or rule of an object, by its key. Raises NotFound with the nearest."""
    among = _by_key(node.projects.load(project), item, family)
    if key not in among:
        raise NotFound(family.removesuffix("s"), key, among=among, where=item)
    return among[key]


def tried(node: Node, project: str, item: str, family: str, values: Mapping[str, Any]) -> Tried:
    """What it would say now; nothing is saved and nothing kept. Raises InvalidDefinition."""
    if family != "probes":
        return Tried(checks.test(node, project, item, values, family=family), {})
    probe = registry.parse("probes", values)
    assert isinstance(probe, Probe)
    with opened(node, node.projects.load(project), item) as subject:
        measured = measuring.look(subject, [probe])
    return Tried(None, {metric.label(id): value for id, value in measured.items()})


def put(
    node: Node, project: str, item: str, family: str, key: str, values: Mapping[str, Any], *, author: str,
    base: str = "",
) -> str:  # fmt: skip
    """Save a probe, check or rule: in the place of the one with this key, else as a new one at the end. Returns what
    is odd about it, or "". Raises SaveConflict when the object's file is no longer the one that `base` was read with;
    without it nobody looks."""
    made = registry.parse(family, values)
    loaded = node.projects.load(project)
    there = list(_by_key(loaded, item, family).items())
    after = [made if k == key else old for k, old in there]
    after += [] if any(k == key for k, _ in there) else [made]
    verb = "Change" if len(after) == len(there) else "Add"
    changed = loaded.item(item).changed(**{family: tuple(after)})
    message = f"{verb} {_word(family)} {_key(made)} of {item}"
    _save(node, loaded, item, changed, author=author, message=message, base=base)
    return NO_LIMIT if isinstance(made, Range) and made.is_open else ""


def take_out(node: Node, project: str, item: str, family: str, key: str, *, author: str) -> None:
    """Remove one from the definition; what it said stays in the history."""
    demanded(node, project, item, family, key)
    loaded = node.projects.load(project)
    after = [one for k, one in _by_key(loaded, item, family).items() if k != key]
    changed = loaded.item(item).changed(**{family: tuple(after)})
    _save(node, loaded, item, changed, author=author, message=f"Remove {_word(family)} {key} of {item}")


def _by_key(project: Project, item: str, family: str) -> dict[str, Kind]:
    return {_key(one): one for one in getattr(project.item(item), family, ())}


def _key(one: Kind) -> str:
    if isinstance(one, (Check, Rule)):
        return one.key
    name = getattr(one, "name", "")
    return f"{one.kind_name()} {name}".strip()


def _word(family: str) -> str:
    return family.removesuffix("s")


def _save(
    node: Node, project: Project, item: str, changed: Definition, *, author: str, message: str, base: str = ""
) -> None:  # fmt: skip
    file = file_of(project.item_type(item), item)
    known = {file: base} if base else None
    node.projects.save(project.key, {file: changed}, author=author, message=message, base=known)
