"""Renaming: an object's data, history and build memory follow its new name, so that nothing becomes stale by it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from penstock.core import sharing
from penstock.core.export import BuildMemory
from penstock.core.fingerprint import Fingerprint
from penstock.core.job import BuildRecord
from penstock.runtime import connected, holding, keeping, states, variables
from penstock.runtime.states import Observation

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project


@dataclass(frozen=True, slots=True)
class Moment:
    """How a project looks to the smart build at one moment."""

    prints: Mapping[str, Fingerprint]
    seen: Observation


def rename(node: Node, project: str, old: str, new: str, *, author: str) -> str:
    """Rename an object or a recipe, and every reference to it, as one commit; returns its id.

    What was up to date stays so. Raises BeingBuilt while a job builds the object, Conflict when the name is taken.
    """
    before = node.projects.load(project)
    before.check_files()
    sharing.check_own(before, old, "renamed")
    sharing.check_unshared(before, old, "renamed")
    is_item = old in before.items
    if is_item:
        holding.check_free(node, project, [old], verb="Rename it")
    elif old in before.scenarios and old not in before.recipes:
        commit = node.projects.rename(project, old, new, author=author)
        node.scenario_runs.move(project, old, new)
        node.discussions.rename(project, f"scenario:{old}", f"scenario:{new}")
        return commit
    sort = before.item_type(old) if is_item else "recipe"
    records = node.runs.build_records(project)
    then = _moment(node, before, records)
    commit = node.projects.rename(project, old, new, author=author)
    node.discussions.rename(project, f"{sort}:{old}", f"{sort}:{new}")
    if is_item:
        for port in (node.data, node.runs, node.metrics, node.models, node.evaluations):
            port.move(project, old, new)
        keeping.move(node, before, old, new)
        connected.move(node, before, old, new)
    now = _moment(node, node.projects.load(project), node.runs.build_records(project))
    names = _Names(old, new)
    node.runs.save_build_records([_moved(record, names, then, now) for record in records.values()])
    return commit


@contextmanager
def staying(node: Node, before: Project) -> Iterator[None]:
    """While data is brought elsewhere: what was up to date before stays so, though states have other words now."""
    then = _moment(node, before, node.runs.build_records(before.key))
    yield
    records = node.runs.build_records(before.key)
    now = _moment(node, node.projects.load(before.key), records)
    names = _Names("", "")
    node.runs.save_build_records([_moved(record, names, then, now) for record in records.values()])


def memory(node: Node, project: Project, items: Collection[str]) -> BuildMemory:
    """What the smart build knows of some items, and how the project looks to it: it travels with their data."""
    records = {name: r for name, r in node.runs.build_records(project.key).items() if name in items}
    seen = _moment(node, project, records)
    return BuildMemory(
        records=tuple(records.values()),
        prints=seen.prints,
        states=seen.seen.states,
        details=seen.seen.details,
    )


def recall(node: Node, key: str, memory: BuildMemory) -> None:
    """Let a project that was just made know what another one knew: what was up to date there is so here, as far as the
    data it stands on came along."""
    records = {r.item: replace(r, project=key) for r in memory.records}
    then = Moment(prints=memory.prints, seen=Observation(states=memory.states, details=memory.details))
    found = _moment(node, node.projects.load(key), records)
    there = {item: state for item, state in found.seen.states.items() if state}
    now = replace(found, seen=replace(found.seen, states=there))
    node.runs.save_build_records([_moved(record, _Names("", ""), then, now) for record in records.values()])


@dataclass(frozen=True, slots=True)
class _Names:
    old: str
    new: str

    def now(self, name: str) -> str:
        return self.new if name == self.old else name


def _moment(node: Node, project: Project, records: Mapping[str, BuildRecord]) -> Moment:
    values = variables.resolve(node, project)
    inputs = {i for record in records.values() for i in record.input_states if i in project.items}
    return Moment(
        prints=states.fingerprints(project, project.recipes, values),
        seen=states.observe(node, project, sorted(inputs), values),
    )


def _moved(record: BuildRecord, names: _Names, then: Moment, now: Moment) -> BuildRecord:
    """The record under the new names: what equalled the state then equals the state now."""
    recipe = names.now(record.recipe)
    parts = {_part(n, names): text for n, text in record.parts.items()}
    fingerprint = record.recipe_fingerprint
    print_then, print_now = then.prints.get(record.recipe), now.prints.get(recipe)
    if print_then is not None and print_now is not None and print_then.hash == fingerprint:
        fingerprint = print_now.hash
        parts |= print_now.parts
    return replace(
        record, item=names.now(record.item), recipe=recipe, recipe_fingerprint=fingerprint,
        input_states={names.now(i): _state(i, s, names, then, now) for i, s in record.input_states.items()},
        parts=parts | {
            f"input:{names.now(i)}": now.seen.details[names.now(i)]
            for i, s in record.input_states.items()
            if then.seen.states.get(i) == s and names.now(i) in now.seen.details
        },
    )  # fmt: skip


def _part(part: str, names: _Names) -> str:
    """`input:old` → `input:new`; other parts keep their name."""
    kind, colon, name = part.partition(":")
    return f"{kind}:{names.now(name)}" if colon else part


def _state(item: str, state: str, names: _Names, then: Moment, now: Moment) -> str:
    if then.seen.states.get(item) != state:
        return state
    return now.seen.states.get(names.now(item), state)
