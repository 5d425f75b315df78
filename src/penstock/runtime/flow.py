"""The Flow as people look at it: every object with where it comes from, where it goes, and how it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from penstock.core import staleness, zone
from penstock.core.flow import Flow, problems
from penstock.core.job import Activity, ActivityState, BuildRecord, JobState
from penstock.core.kind import Kind
from penstock.core.picture import ItemNode, LastBuild, Picture, RecipeNode, State, ZoneNode
from penstock.core.project import Project
from penstock.core.staleness import Facts
from penstock.runtime import states, variables

if TYPE_CHECKING:
    from penstock.core.node import Node

Shown = TypeVar("Shown", ItemNode, RecipeNode)

MOST_JOBS = 30
"""Jobs that are asked how the activities behind the last builds went."""
ENDED: Mapping[ActivityState, State] = {
    ActivityState.WARNING: "warning", ActivityState.FAILED: "failed", ActivityState.ABORTED: "aborted",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """How one object stands, with the reason as a sentence where there is one."""

    state: State
    why: str = ""


def show(node: Node, project: str, *, fresh: bool = False) -> Picture:
    """The Flow of a project as its files say now. With `fresh`, each object says too whether it is out of date, which
    looks at the data of every input; without, only how its last build went."""
    flow = Flow.of(node.projects.load(project))
    records = node.runs.build_records(project)
    picture = Picture(
        items=tuple(_item(flow, name, records.get(name)) for name in flow.project.items),
        recipes=tuple(_recipe(flow, name) for name in flow.order(flow.reads)),
        zones=(zone.DEFAULT, *flow.project.zones.zones),
        problems=(*flow.project.problems, *problems(flow.project)),
        boxes=tuple(_boxes(flow.project)),
    )
    return _standing(picture, _standings(node, flow, records, fresh=fresh))


def standings(node: Node, project: str, *, fresh: bool = True) -> dict[str, Standing]:
    """How every object and recipe stands now: id → up to date, out of date and why, failed, being built …
    `fresh` as in `show`."""
    flow = Flow.of(node.projects.load(project))
    return _standings(node, flow, node.runs.build_records(project), fresh=fresh)


def running(node: Node, project: str) -> dict[str, str]:
    """Recipes that run and objects that are built at this moment: id → the job that does it."""
    return {id: activity.job for activity in _at_work(node, project) for id in _touched(activity)}


def upstream(node: Node, project: str, item: str) -> list[str]:
    """Every object an item is made from. Raises NotFound, with the nearest name, for an unknown one."""
    flow = Flow.of(node.projects.load(project))
    return sorted(flow.upstream([flow.check_item(item)]))


def downstream(node: Node, project: str, item: str) -> list[str]:
    """Every object made from an item. Raises NotFound, with the nearest name, for an unknown one."""
    flow = Flow.of(node.projects.load(project))
    return sorted(flow.downstream([flow.check_item(item)]))


# nodes ---------------------------------------------------------------------------------------------------------------


def _item(flow: Flow, name: str, record: BuildRecord | None) -> ItemNode:
    item, producer = flow.project.item(name), flow.producer(name)
    item_type = flow.project.item_type(name)
    return ItemNode(
        name=name, type=item_type, kind=item.kind_name() if isinstance(item, Kind) else item_type,
        title="" if name in flow.project.foreign else item.title, foreign=name in flow.project.foreign,
        zone=zone.zone_of(flow, name), producer=producer or "",
        consumers=flow.consumers.get(name, ()), last_build=_last_build(producer, record),
        built_at=record.built_at if record and record.recipe_fingerprint else None,
        tags=item.tags, behind=flow.behind.get(name, ()),
    )  # fmt: skip


def _recipe(flow: Flow, name: str) -> RecipeNode:
    recipe = flow.project.recipe(name)
    return RecipeNode(
        name=name, kind=recipe.kind_name(), category=recipe.CATEGORY, title=recipe.title,
        zone=zone.zone_of(flow, name), inputs=flow.reads[name], outputs=flow.writes[name], tags=recipe.tags,
    )  # fmt: skip


def _boxes(project: Project) -> Iterable[ZoneNode]:
    yield ZoneNode(name=zone.DEFAULT, title=project.zones.default_title, color="")
    for name, entry in project.zones.zones.items():
        yield ZoneNode(name=name, title=name, color=entry.color, shared=entry.shared)


def _last_build(producer: str | None, record: BuildRecord | None) -> LastBuild:
    if producer is None:
        return "source"
    if record is None:
        return "never"
    return "done" if record.success else "failed"


# states --------------------------------------------------------------------------------------------------------------


def _standing(picture: Picture, found: Mapping[str, Standing]) -> Picture:
    return replace(
        picture,
        items=tuple(_with(i, found) for i in picture.items),
        recipes=tuple(_with(r, found) for r in picture.recipes),
    )


def _with(node: Shown, found: Mapping[str, Standing]) -> Shown:
    standing = found.get(node.id)
    return replace(node, state=standing.state, why=standing.why) if standing else node


def _standings(
    node: Node, flow: Flow, records: Mapping[str, BuildRecord], *, fresh: bool
) -> dict[str, Standing]:  # fmt: skip
    reasons = _reasons(node, flow, records) if fresh else {}
    activities = _activities(node, records.values())
    found: dict[str, Standing] = {}
    for recipe, outputs in flow.writes.items():
        for output in outputs:
            found[output] = _of_output(records.get(output), activities, reasons.get(recipe, ()))
        found[f"recipe:{recipe}"] = _of_recipe(found[o] for o in outputs)
    for activity in _at_work(node, flow.project.key):
        found |= dict.fromkeys(_touched(activity), Standing("running", f"by job {activity.job}"))
    return found


def _of_output(
    record: BuildRecord | None, activities: Mapping[tuple[str, str], Activity], reasons: Iterable[str]
) -> Standing:
    if record is None:
        return Standing("never")
    activity = activities.get((record.job, record.recipe))
    if not record.success:
        state = ENDED.get(activity.state, "failed") if activity else "failed"
        return Standing(state, activity.error if activity else "")
    why = "; ".join(reasons)
    if why:
        return Standing("stale", why)
    if activity and activity.state is ActivityState.WARNING:
        return Standing("warning", activity.warnings[0] if activity.warnings else "")
    return Standing("success")


def _of_recipe(outputs: Iterable[Standing]) -> Standing:
    """A recipe has no state of its own but that its last run went wrong."""
    return next((s for s in outputs if s.state in ("failed", "aborted")), Standing("success"))


def _reasons(node: Node, flow: Flow, records: Mapping[str, BuildRecord]) -> dict[str, list[str]]:
    """Recipe → why a smart build would run it; those that are up to date are not among them."""
    values = variables.resolve(node, flow.project)
    seen = states.observe(node, flow.project, flow.project.items, values)
    prints = states.fingerprints(flow.project, flow.project.recipes, values)
    facts = Facts(records=records, states=seen.states, details=seen.details, fingerprints=prints)
    written: set[str] = set()
    found: dict[str, list[str]] = {}
    for recipe in flow.order(flow.reads):
        reasons = staleness.stale(flow, facts, written, recipe)
        if reasons:
            found[recipe] = reasons
            written.update(flow.writes[recipe])
    return found


def _activities(node: Node, records: Iterable[BuildRecord]) -> dict[tuple[str, str], Activity]:
    """(job, recipe) → the activity behind the last build, of the newest jobs."""
    newest = sorted(records, key=_built_at, reverse=True)
    jobs = list(dict.fromkeys(r.job for r in newest if r.job))[:MOST_JOBS]
    return {(a.job, a.recipe): a for job in jobs for a in node.runs.activities(job)}


def _built_at(record: BuildRecord) -> datetime:
    return record.built_at


def _at_work(node: Node, project: str) -> list[Activity]:
    jobs = node.runs.jobs(project, state=JobState.RUNNING, limit=MOST_JOBS)
    return [a for job in jobs for a in node.runs.activities(job.id) if a.state is ActivityState.RUNNING]


def _touched(activity: Activity) -> tuple[str, ...]:
    return (f"recipe:{activity.recipe}", *activity.outputs)
