"""States: what the objects of a project hold right now, as short texts that a plan compares."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from penstock.core import fingerprint, plan, staleness
from penstock.core.dataset import Dataset, SourceFile
from penstock.core.errors import PenstockError
from penstock.core.flow import Flow
from penstock.core.job import BuildRecord
from penstock.core.scope import Request, scope
from penstock.core.staleness import Facts
from penstock.runtime.contexts import DatasetAccess, folder_root
from penstock.runtime.subject import key_of

if TYPE_CHECKING:
    from penstock.core.job import Activity
    from penstock.core.node import Node
    from penstock.core.project import Project

MOST_FILES = 2000
"""Files of one input that a build record lists by name; of more it only knows that something changed."""

NOT_READY = "not ready: "

Listing = list[tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class Observation:
    """What some items hold: their states, and what these are made of."""

    states: Mapping[str, str]
    details: Mapping[str, str]


def facts(node: Node, flow: Flow, request: Request, values: Mapping[str, Any]) -> Facts:
    """Everything a plan needs to know, and nothing more: forced builds look at no data."""
    reached = scope(flow, request)
    seen = observe(node, flow.project, plan.examined(flow, request), values)
    prints = {} if request.mode.forced else fingerprints(flow.project, reached.recipes, values)
    records = node.runs.build_records(flow.project.key)
    return Facts(records=records, states=seen.states, details=seen.details, fingerprints=prints)


def fingerprints(
    project: Project, recipes: Iterable[str], values: Mapping[str, Any]
) -> dict[str, fingerprint.Fingerprint]:
    """What each recipe is made of now."""
    return {name: fingerprint.of_recipe(project, name, values) for name in recipes}


def observe(node: Node, project: Project, items: Iterable[str], values: Mapping[str, Any]) -> Observation:
    """Look at items now. What cannot be read has the reason as its state; a build fails on it with that reason."""
    states, details = dict[str, str](), dict[str, str]()
    for name in items:
        settings = fingerprint.of_input(project.item(name))
        state, files = _look(node, project, name, values)
        states[name] = staleness.state_text(state, settings)
        details[name] = staleness.detail(
            settings, files if files is not None and len(files) <= MOST_FILES else None
        )
    return Observation(states, details)


def state(node: Node, project: Project, name: str, values: Mapping[str, Any]) -> str:
    """The state of one item, as records keep it."""
    return observe(node, project, [name], values).states[name]


def data(node: Node, project: Project, name: str, values: Mapping[str, Any]) -> str:
    """What the data of one item says, whatever its settings; empty while it cannot be read."""
    found, _ = _look(node, project, name, values)
    return "" if found.startswith(NOT_READY) else found


def mark_failed(node: Node, project: str, activity: Activity) -> None:
    """Remember that the last build of an activity's outputs did not end well; what they hold stays."""
    node.runs.save_build_records([_failed(node, project, output, activity) for output in activity.outputs])


def _failed(node: Node, project: str, output: str, activity: Activity) -> BuildRecord:
    known = node.runs.build_record(project, output)
    if known is not None:
        return replace(known, success=False, job=activity.job)
    return BuildRecord(
        project=project, item=output, recipe=activity.recipe, recipe_fingerprint="", input_states={}, state="",
        job=activity.job, built_at=node.clock.now(), success=False,
    )  # fmt: skip


def _look(
    node: Node, project: Project, name: str, values: Mapping[str, Any]
) -> tuple[str, Listing | None]:  # fmt: skip
    match project.item_type(name):
        case "dataset":
            return _look_at_dataset(node, project, name, values)
        case "folder":
            return _look_at_folder(node, project, name)
        case "model":
            return node.models.active(*project.home_of(name)), None
        case "evaluation_store":
            return _newest_evaluation(node, project.key, name), None


def _look_at_dataset(
    node: Node, project: Project, name: str, values: Mapping[str, Any]
) -> tuple[str, Listing | None]:  # fmt: skip
    dataset: Dataset = project.dataset(name)
    if dataset.LIVE:
        return _newest_history(node, project, dataset), None
    ctx = DatasetAccess(node=node, project=project, name=name, values=values)
    try:
        found = dataset.state(ctx)
        files = None if dataset.MANAGED or dataset.marker_file else _listing(dataset.files(ctx))
        return found, files
    except PenstockError as error:
        return f"{NOT_READY}{error.message}", None


def _look_at_folder(node: Node, project: Project, name: str) -> tuple[str, Listing | None]:
    try:
        files = folder_root(node, project, name).listed()
    except PenstockError as error:
        return f"{NOT_READY}{error.message}", None
    return _digest(files), _listing(files)


def _newest_history(node: Node, project: Project, dataset: Dataset) -> str:
    """When the objects that a live dataset tells about were last measured or judged. Of a whole project: `live`,
    for each build adds to that history and would make its own readers stale for ever."""
    keys = [key_of(project, item) for item in dataset.depends_on() if item in project.items]
    found = [f.computed_at for key in keys for f in node.metrics.last(key).values()]
    found += [r.computed_at for key in keys for r in node.metrics.last_results(key).values()]
    return f"live {max(found):%Y-%m-%dT%H:%M:%S.%f}" if found else "live"


def _newest_evaluation(node: Node, project: str, store: str) -> str:
    newest = node.evaluations.latest(project, store)
    return newest.id + newest.created_at.isoformat() if newest else ""


def _listing(files: Sequence[SourceFile]) -> Listing:
    return [(f.path, f.size, f.modified) for f in files]


def _digest(files: Sequence[SourceFile]) -> str:
    told = [(f.path, f.etag) for f in files if f.etag]
    text = fingerprint.canonical([*_listing(files), *told])
    return hashlib.sha256(text.encode()).hexdigest()[:32]
