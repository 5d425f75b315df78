"""Scope: which recipes a build may reach from its targets, and what stops it where. Pure; looks at no data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from penstock.core import zone
from penstock.core.errors import WriteProtected
from penstock.core.fingerprint import listed
from penstock.core.flow import Flow
from penstock.core.job import BuildMode
from penstock.core.project import FOLDERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asked for."""

    targets: tuple[str, ...]
    """Names of items."""
    mode: BuildMode
    without: frozenset[str] = frozenset()
    """Recipes taken out of the plan by hand."""
    stop_at_zone: bool = False
    """Look only at recipes in the zones of the targets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRun:
    """One recipe, or one object, the build looked at and leaves as it is."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Scope:
    """The recipes a request reaches, in order, the items it was narrowed to, and what stopped it where."""

    recipes: tuple[str, ...]
    targets: tuple[str, ...]
    left: tuple[NotRun, ...]


def scope(flow: Flow, request: Request) -> Scope:
    """Which recipes a request may run, whatever their state: what the facts are needed for."""
    for target in request.targets:
        flow.check_item(target)
    if request.mode is BuildMode.ONLY_THIS:
        return _only(flow, request.targets)
    if request.mode is BuildMode.DOWNSTREAM:
        return _down(flow, request)
    if request.mode.goes_down:
        below = flow.downstream(request.targets)
        ends = [i for i in flow.terminals(below) if not barrier(flow, i)]
        left = [NotRun(name=i, why=barrier(flow, i)) for i in flow.terminals(below) if barrier(flow, i)]
        inner = _up(flow, tuple(ends), _zones(flow, request))
        return Scope(inner.recipes, inner.targets, (*left, *inner.left))
    _refuse_protected(flow, request.targets)
    return _up(flow, request.targets, _zones(flow, request))


def targets_of(flow: Flow, asked: Sequence[str]) -> tuple[str, ...]:
    """Items behind what people name: items, recipes (their outputs), `zone:NAME` (its ends), `*` (all ends).

    Ends that are explicit or write-protected are left out: nobody named them.
    """
    return tuple(dict.fromkeys(item for name in asked for item in _items_of(flow, name)))


def barrier(flow: Flow, item: str) -> str:
    """Why recursion stops at an item, in words; empty when it goes on."""
    setting = rebuild_of(flow, item)
    if setting == "explicit":
        return "explicit: built only when a build names it"
    protected = [o for o in flow.siblings(item) if rebuild_of(flow, o) == "write_protected"]
    return f"write-protected: {listed(protected)} is never rebuilt" if protected else ""


def rebuild_of(flow: Flow, item: str) -> str:
    """normal, explicit or write_protected."""
    return str(getattr(flow.project.item(item), "rebuild", "normal"))


def _items_of(flow: Flow, name: str) -> tuple[str, ...]:
    if name == "*" or name.startswith("zone:"):
        ends = flow.terminals() if name == "*" else zone.terminals(flow, name.removeprefix("zone:"))
        return tuple(i for i in ends if flow.is_made(i) and not barrier(flow, i))
    if name in flow.project.recipes and name not in flow.project.items:
        return flow.writes[name]
    if name not in flow.project.items:
        flow.project.check_object(name, *FOLDERS)
    return (flow.check_item(name),)


def _only(flow: Flow, targets: tuple[str, ...]) -> Scope:
    _refuse_protected(flow, targets)
    recipes = {flow.producers[t] for t in targets if t in flow.producers}
    return Scope(tuple(flow.order(recipes)), targets, tuple(_sources(flow, targets)))


def _up(flow: Flow, targets: tuple[str, ...], zones: frozenset[str]) -> Scope:
    """Everything above the targets, up to explicit and protected objects and to the edge of the zones."""
    recipes: set[str] = set()
    left: dict[str, NotRun] = {}
    waiting, seen = list(targets), set[str]()
    while waiting:
        item = waiting.pop()
        if item in seen:
            continue
        seen.add(item)
        waiting.extend(flow.behind.get(item, ()))
        recipe = flow.producer(item)
        if recipe is None:
            continue
        stop = "" if item in targets else barrier(flow, item) or _outside(flow, item, zones)
        if stop:
            left[item] = NotRun(name=item, why=stop)
        else:
            recipes.add(recipe)
            waiting.extend(flow.reads[recipe])
    built = {o for r in recipes for o in flow.writes[r]}
    kept = [n for item, n in left.items() if item not in built]
    return Scope(tuple(flow.order(recipes)), targets, (*_sources(flow, targets), *kept))


def _down(flow: Flow, request: Request) -> Scope:
    zones = _zones(flow, request)
    recipes: set[str] = set()
    left: list[NotRun] = []
    below = flow.downstream(request.targets)
    own = {flow.producer(t) for t in request.targets}
    for recipe in flow.order({flow.producers[i] for i in below if i in flow.producers} - own):
        outputs = flow.writes[recipe]
        stops = [barrier(flow, o) or _outside(flow, o, zones) for o in outputs]
        if all(stops):
            left.append(NotRun(name=recipe, why=stops[0]))
        else:
            recipes.add(recipe)
    return Scope(tuple(flow.order(recipes)), request.targets, tuple(left))


def _refuse_protected(flow: Flow, targets: tuple[str, ...]) -> None:
    for target in targets:
        for output in flow.siblings(target):
            if rebuild_of(flow, output) == "write_protected" and flow.producer(output):
                raise WriteProtected(
                    f"'{output}' is write-protected, so no build may replace it.",
                    hint="Set `rebuild: normal` in its definition to allow it.",
                )


def _zones(flow: Flow, request: Request) -> frozenset[str]:
    """The zones a plan stays in; empty when it may go anywhere."""
    return frozenset(zone.zone_of(flow, t) for t in request.targets) if request.stop_at_zone else frozenset()


def _outside(flow: Flow, item: str, zones: frozenset[str]) -> str:
    if not zones or zone.zone_of(flow, item) in zones:
        return ""
    return f"in zone {zone.zone_of(flow, item)}, and the build stops at the zone's edge"


def _sources(flow: Flow, targets: tuple[str, ...]) -> Iterator[NotRun]:
    for target in targets:
        if not flow.is_made(target):
            yield NotRun(name=target, why="a source: no recipe writes it")
