"""Which broken files stand in the way of a build: those it would read, and those that may write what it reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from penstock.core import zone
from penstock.core.errors import InvalidDefinition
from penstock.core.flow import Flow
from penstock.core.job import BuildMode, BuildRecord
from penstock.core.project import FOLDERS, SETTINGS_FILE, ZONES_FILE
from penstock.core.scope import Request, scope
from penstock.runtime import keeping

if TYPE_CHECKING:
    from penstock.core.node import Node

EVERYTHING = "*"


def check(node: Node, flow: Flow, request: Request, asked: Sequence[str]) -> None:
    """Raise the InvalidDefinition of the first file a build cannot do without. Others are no hindrance."""
    project = flow.project
    if not project.problems:
        return
    project.check_files(SETTINGS_FILE, ZONES_FILE)
    for problem in project.problems:
        if EVERYTHING in asked and problem.file.startswith("flow/"):
            raise problem.with_traceback(None)
    recipes = scope(flow, request).recipes
    items = {*request.targets, *(i for r in recipes for i in (*flow.reads[r], *flow.writes[r]))}
    items |= {behind for item in items for behind in flow.folders_behind(item)} | set(_in_zones(flow, asked))
    for name in _named(flow, recipes, items):
        project.check_object(name)
    _check_writers(node, flow, items, request.mode)


def _named(flow: Flow, recipes: Sequence[str], items: set[str]) -> Iterator[str]:
    """Every object by the name that something in reach calls it."""
    for recipe in recipes:
        yield from (reference.name for reference in flow.project.recipes[recipe].references())
    for item in sorted(items):
        if item in flow.project.datasets:
            yield from flow.project.datasets[item].depends_on()
        else:
            yield item


def _in_zones(flow: Flow, asked: Sequence[str]) -> Iterator[str]:
    for name in asked:
        if name.startswith("zone:"):
            graph = zone.graph(flow, name.removeprefix("zone:"))
            entry = flow.project.zones.zones.get(graph.name)
            yield from (*graph.items, *(entry.items if entry else ()))


def _check_writers(node: Node, flow: Flow, items: set[str], mode: BuildMode) -> None:
    """A recipe that cannot be read may be the one that makes something in reach which nothing else makes."""
    is_down = mode is BuildMode.DOWNSTREAM
    records = node.runs.build_records(flow.project.key)
    orphans = {i for i in items if is_down or (not flow.is_made(i) and _was_made(node, flow, i, records))}
    for problem in flow.project.problems:
        if problem.file.startswith(f"{FOLDERS['recipe']}/") and _mentions(flow, problem, orphans):
            raise problem.with_traceback(None)


def _was_made(node: Node, flow: Flow, item: str, records: Mapping[str, BuildRecord]) -> bool:
    """Whether a recipe made an item once, or will have to: it has no rows that came another way."""
    dataset = flow.project.datasets.get(item)
    if item in records or dataset is None:
        return item in records
    return dataset.MANAGED and keeping.seen(node, flow.project, item) is None


def _mentions(flow: Flow, problem: InvalidDefinition, names: set[str]) -> bool:
    file = flow.project.path / problem.file
    text = file.read_text(errors="replace") if file.is_file() else ""
    return any(re.search(rf"\b{re.escape(name)}\b", text) for name in names)
