"""Plan: which recipes a build runs, in which order, and why; which it leaves alone. Pure: facts in, plan out."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from penstock.core.fingerprint import listed
from penstock.core.flow import Flow
from penstock.core.job import BuildMode
from penstock.core.scope import NotRun, Request, Scope, rebuild_of, scope
from penstock.core.staleness import Facts, since, stale


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One recipe to run."""

    recipe: str
    outputs: tuple[str, ...]
    reason: str
    """Why it runs, as a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a build will do, before it does anything."""

    mode: BuildMode
    targets: tuple[str, ...]
    activities: tuple[Planned, ...]
    not_run: tuple[NotRun, ...]
    problems: tuple[str, ...] = ()
    """What would make an activity fail, as far as it is known before."""

    @property
    def recipes(self) -> tuple[str, ...]:
        return tuple(a.recipe for a in self.activities)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Every object that will be written, in order."""
        return tuple(o for a in self.activities for o in a.outputs)


def make(flow: Flow, request: Request, facts: Facts) -> Plan:
    """The plan of a build. Raises WriteProtected when a target may not be rebuilt, NotFound for an unknown one."""
    reached = scope(flow, request)
    making = _Making(flow, request, reached, facts)
    activities: list[Planned] = []
    left = list(reached.left)
    written: set[str] = set()
    for recipe in reached.recipes:
        reason = making.reason(recipe, written)
        if recipe in request.without:
            left.append(NotRun(name=recipe, why="taken out of the plan"))
        elif reason:
            outputs = flow.writes[recipe]
            activities.append(Planned(recipe=recipe, outputs=outputs, reason=reason))
            written.update(outputs)
        else:
            left.append(NotRun(name=recipe, why=since(flow.writes[recipe], facts)))
    return Plan(mode=request.mode, targets=reached.targets, activities=tuple(activities), not_run=tuple(left))


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
            if item not in written and not written & flow.folders_behind(item):
                found[item] = None
        written.update(activity.outputs)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Making:
    """A plan in the making."""

    flow: Flow
    request: Request
    reached: Scope
    facts: Facts

    def reason(self, recipe: str, written: Set[str]) -> str:
        """Why a recipe in reach runs; empty when it need not."""
        mode, outputs = self.request.mode, self.flow.writes[recipe]
        if mode is BuildMode.DOWNSTREAM:
            return f"it is downstream of {listed(self.request.targets)}"
        if mode.forced:
            named = any(o in self.reached.targets for o in outputs)
            everything = f"everything upstream of {listed(self.reached.targets)} was asked for"
            return "asked for" if named else everything
        if any(self._is_named_model(o) for o in outputs):
            return "asked for: a model is trained again whenever a build names it"
        return "; ".join(stale(self.flow, self.facts, written, recipe))

    def _is_named_model(self, output: str) -> bool:
        is_explicit = output in self.flow.project.models and rebuild_of(self.flow, output) == "explicit"
        return is_explicit and output in self.reached.targets
