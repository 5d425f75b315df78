"""Plan: which recipes a build runs, in which order, and why; which it leaves alone. Pure: facts in, plan out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from penstock.core import fingerprint, zone
from penstock.core.errors import WriteProtected
from penstock.core.fingerprint import Fingerprint, listed
from penstock.core.flow import Flow
from penstock.core.job import BuildMode, BuildRecord


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
class Facts:
    """What is known of the project's data when the plan is made."""

    records: Mapping[str, BuildRecord] = field(default_factory=dict)
    """Output → what its last build saw."""
    states: Mapping[str, str] = field(default_factory=dict)
    """Item → its state now; an empty text when it holds no data."""
    details: Mapping[str, str] = field(default_factory=dict)
    """Item → what its state is made of (`detail`), to say what changed."""
    fingerprints: Mapping[str, Fingerprint] = field(default_factory=dict)
    """Recipe → what it is made of now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One recipe to run."""

    recipe: str
    outputs: tuple[str, ...]
    reason: str
    """Why it runs, as a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRun:
    """One recipe, or one object, the build looked at and leaves as it is."""

    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a build will do, before it does anything."""

    mode: BuildMode
    targets: tuple[str, ...]
    activities: tuple[Planned, ...]
    not_run: tuple[NotRun, ...]

    @property
    def recipes(self) -> tuple[str, ...]:
        return tuple(a.recipe for a in self.activities)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Every object that will be written, in order."""
        return tuple(o for a in self.activities for o in a.outputs)


@dataclass(frozen=True, slots=True)
class Scope:
    """The recipes a request reaches, in order, the items it was narrowed to, and what stopped it where."""

    recipes: tuple[str, ...]
    targets: tuple[str, ...]
    left: tuple[NotRun, ...]


def make(flow: Flow, request: Request, facts: Facts) -> Plan:
    """The plan of a build. Raises WriteProtected when a target may not be rebuilt, NotFound for an unknown one."""
    reached = scope(flow, request)
    activities: list[Planned] = []
    left = list(reached.left)
    written: set[str] = set()
    for recipe in reached.recipes:
        reason = _reason(flow, request, reached, facts, written, recipe)
        if recipe in request.without:
            left.append(NotRun(name=recipe, why="taken out of the plan"))
        elif reason:
            outputs = flow.writes[recipe]
            activities.append(Planned(recipe=recipe, outputs=outputs, reason=reason))
            written.update(outputs)
        else:
            left.append(NotRun(name=recipe, why=_since(flow.writes[recipe], facts)))
    return Plan(mode=request.mode, targets=reached.targets, activities=tuple(activities), not_run=tuple(left))


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


def examined(flow: Flow, request: Request) -> tuple[str, ...]:
    """The items whose state a plan depends on: inputs and outputs of every recipe in reach; none when forced."""
    if request.mode.forced:
        return ()
    recipes = scope(flow, request).recipes
    return tuple(dict.fromkeys(i for r in recipes for i in (*flow.reads[r], *flow.writes[r])))


def needed(flow: Flow, plan: Plan) -> tuple[str, ...]:
    """The items that must be there before anything runs: read by the plan, and not written earlier by it."""
    written: set[str] = set()
    found: dict[str, None] = {}
    for activity in plan.activities:
        for item in flow.reads[activity.recipe]:
            if item not in written and not written & _folders_behind(flow, item):
                found[item] = None
        written.update(activity.outputs)
    return tuple(found)


def state_text(state: str, settings: str) -> str:
    """The state of an input as a record keeps it: what the data says, and a hash of the settings that choose it."""
    return f"{state}|{fingerprint.digest(settings)[:16]}" if state and settings else state


def detail(settings: str, files: list[tuple[str, int, int]] | None) -> str:
    """What an input's state is made of, kept beside it so that a later plan can say what changed."""
    return fingerprint.canonical({"settings": settings, "files": files})


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


def _reason(
    flow: Flow, request: Request, reached: Scope, facts: Facts, written: set[str], recipe: str
) -> str:  # fmt: skip
    """Why a recipe in reach runs; empty when it need not."""
    named = [o for o in flow.writes[recipe] if o in request.targets]
    if request.mode is BuildMode.DOWNSTREAM:
        return f"it is downstream of {listed(request.targets)}"
    if request.mode.forced:
        asked = [o for o in flow.writes[recipe] if o in reached.targets]
        return "asked for" if asked else f"everything upstream of {listed(reached.targets)} was asked for"
    if any(o in flow.project.models and _rebuild(flow, o) == "explicit" for o in named):
        return "asked for: a model is trained again whenever a build names it"
    return "; ".join(_stale(flow, facts, written, recipe))


def _stale(flow: Flow, facts: Facts, written: set[str], recipe: str) -> list[str]:
    inputs = flow.reads[recipe]
    rebuilt = [i for i in inputs if i in written or written & _folders_behind(flow, i)]
    found = [f"an input will be rebuilt: {listed(rebuilt)}"] if rebuilt else []
    for output in flow.writes[recipe]:
        record = facts.records.get(output)
        problem = _own_problem(facts, output, record)
        if problem:
            found.append(problem if len(flow.writes[recipe]) == 1 else f"{output}: {problem}")
        elif record is not None:
            found += _changes(flow, facts, recipe, record, skip=rebuilt)
    return list(dict.fromkeys(found))


def _own_problem(facts: Facts, output: str, record: BuildRecord | None) -> str:
    if record is None:
        return "never built"
    if not record.success:
        return "last build failed"
    return "" if facts.states.get(output, "") else "its data was cleared"


def _changes(flow: Flow, facts: Facts, recipe: str, record: BuildRecord, *, skip: list[str]) -> list[str]:
    """What is different from what the last good build saw."""
    found: list[str] = []
    now = facts.fingerprints[recipe]
    if now.hash != record.recipe_fingerprint:
        found += fingerprint.changes(_recipe_parts(record), now.parts) or ["its recipe changed"]
    for item in flow.reads[recipe]:
        if item not in skip and record.input_states.get(item) != facts.states.get(item, ""):
            found.append(_input_change(flow, facts, item, record))
    return found


def _input_change(flow: Flow, facts: Facts, item: str, record: BuildRecord) -> str:
    if item not in record.input_states:
        return f"input {item} is new"
    before = json.loads(record.parts.get(f"input:{item}") or "{}")
    after = json.loads(facts.details.get(item) or "{}")
    said = [*_settings_change(before, after), *_file_changes(before.get("files"), after.get("files"))]
    if said:
        return f"input {item} changed: {', '.join(said)}"
    own = facts.records.get(item)
    made_of_rows = flow.project.item_type(item) in ("dataset", "folder")
    if made_of_rows and own is not None and own.built_at > record.built_at:
        return f"input {item} was rebuilt at {own.built_at:%Y-%m-%d %H:%M:%S}"
    return f"input {item} changed: {_kind_of_change(flow, item)}"


def _kind_of_change(flow: Flow, item: str) -> str:
    return {
        "dataset": "its data is other data now",
        "folder": "its files are other files now",
        "model": "another version is active",
        "evaluation_store": "it has other evaluations now",
    }[flow.project.item_type(item)]


def _settings_change(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = before.get("settings") or "{}", after.get("settings") or "{}"
    if old != new:
        yield f"its settings ({listed(fingerprint.setting_names(old, new))})"


def _file_changes(before: Any, after: Any) -> Iterator[str]:
    if before is None or after is None:
        return
    old, new = ({f[0]: (f[1], f[2]) for f in files} for files in (before, after))
    counts = {
        "added": len(new.keys() - old.keys()),
        "removed": len(old.keys() - new.keys()),
        "changed": sum(1 for path in old.keys() & new.keys() if old[path] != new[path]),
    }
    found = [(what, count) for what, count in counts.items() if count]
    for position, (what, count) in enumerate(found):
        noun = "" if position else " file" if count == 1 else " files"
        yield f"{count}{noun} {what}"


def _recipe_parts(record: BuildRecord) -> dict[str, str]:
    return {name: text for name, text in record.parts.items() if not name.startswith("input:")}


def _since(outputs: tuple[str, ...], facts: Facts) -> str:
    built = [facts.records[o].built_at for o in outputs if o in facts.records]
    return f"up to date since {min(built):%Y-%m-%d %H:%M:%S} UTC" if built else "up to date"


def _rebuild(flow: Flow, item: str) -> str:
    return str(getattr(flow.project.item(item), "rebuild", "normal"))


def barrier(flow: Flow, item: str) -> str:
    """Why recursion stops at an item, in words; empty when it goes on."""
    setting = _rebuild(flow, item)
    if setting == "explicit":
        return "explicit: built only when a build names it"
    protected = [o for o in flow.siblings(item) if _rebuild(flow, o) == "write_protected"]
    return f"write-protected: {listed(protected)} is never rebuilt" if protected else ""


def _refuse_protected(flow: Flow, targets: tuple[str, ...]) -> None:
    for target in targets:
        for output in flow.siblings(target):
            if _rebuild(flow, output) == "write_protected" and flow.producer(output):
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


def _folders_behind(flow: Flow, item: str) -> frozenset[str]:
    found: set[str] = set()
    waiting = list(flow.behind.get(item, ()))
    while waiting:
        behind = waiting.pop()
        if behind not in found:
            found.add(behind)
            waiting.extend(flow.behind.get(behind, ()))
    return frozenset(found)
