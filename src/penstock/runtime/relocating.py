"""Relocating: datasets move to another connection, with rows or without; projects that come in get other ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from penstock.core import remapping
from penstock.core.counting import counted
from penstock.core.errors import Invalid, PenstockError, Refused
from penstock.core.kind import Definition
from penstock.core.project import file_of
from penstock.core.remapping import Known
from penstock.core.variables import names_in
from penstock.runtime import guards, holding, keeping, placing, renaming, variables
from penstock.runtime.contexts import place_of, reading

if TYPE_CHECKING:
    from penstock.core.dataset import Dataset
    from penstock.core.node import Node
    from penstock.core.project import Project

HOME = ""
"""The connection of datasets that are kept as files of this node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What came of it."""

    datasets: tuple[str, ...]
    """Those that live elsewhere now."""
    copied: Mapping[str, int]
    """Dataset → rows that were brought along."""
    dropped: tuple[str, ...]
    """Those whose old rows were removed."""


def change_connection(
    node: Node, project: str, names: Sequence[str], connection: str, *, author: str, rows: bool = False,
    drop: bool = False,
) -> Moved:  # fmt: skip
    """Let datasets live on another connection, as one commit; an empty one means files of this node.

    Without `rows` the next build fills them; with it what they hold is copied, and what was up to date stays so.
    `drop` removes the old rows. Raises the refusals of remapping, Refused for a dataset without a choice, BeingBuilt
    while a job writes one.
    """
    loaded = node.projects.load(project)
    changed = {name: _on(loaded, name, connection) for name in dict.fromkeys(names)}
    moving = {name: d for name, d in changed.items() if d != loaded.dataset(name)}
    _check(node, loaded, moving, connection)
    holding.check_free(node, project, list(moving), verb="Move it")
    if not moving:
        return Moved(datasets=(), copied={}, dropped=())
    after = replace(loaded, datasets={**loaded.datasets, **moving})
    copied = {n: _copied(node, loaded, after, n) for n in moving if rows and _is_filled(node, loaded, n)}
    with renaming.staying(node, loaded) if rows else nullcontext():
        node.projects.save(
            project, {file_of("dataset", n): d for n, d in moving.items()}, author=author,
            message=f"Move {counted(len(moving), 'dataset')} to {connection or 'files of this node'}",
        )  # fmt: skip
    dropped = [n for n in moving if drop and loaded.dataset(n).MANAGED and _is_filled(node, loaded, n)]
    for name in dropped:
        keeping.of(node, loaded, name).clear()
    return Moved(datasets=tuple(moving), copied=copied, dropped=tuple(dropped))


def choices(node: Node) -> list[str]:
    """The connections on which recipes may keep their outputs, as far as the caller may use them."""
    user, groups = _caller()
    found = placing.connections(node)
    able = (
        n for n, c in found.items() if getattr(c, "managed_datasets", False) and getattr(c, "writable", False)
    )
    return [n for n in able if not user or found[n].allows(user, groups)]


def mapping(words: Sequence[str]) -> dict[str, str]:
    """`OLD=NEW` words → old → new. Raises Invalid."""
    wrong = next((w for w in words if "=" not in w), None)
    if wrong is not None:
        raise Invalid(f"'{wrong}' names no two connections.", hint="Write OLD=NEW.")
    return {old.strip(): new.strip() for old, _, new in (w.partition("=") for w in words)}


def fitting(
    node: Node, mapping: Mapping[str, str], *, types: Mapping[str, str] | None = None, fresh: bool = False
) -> Callable[[Project], Mapping[str, Definition]]:
    """What makes a project that comes in fit this node: its files with other connections. It raises the first
    refusal; then nothing comes in. With `fresh` it forgets tables that the project it was copied from writes."""

    def changes(project: Project) -> Mapping[str, Definition]:
        found = remapping.problems(remapping.needs(project), mapping, _known(node, types or {}))
        if found:
            raise found[0]
        return _remapped(project, mapping, fresh=fresh)

    return changes


@dataclass(frozen=True, slots=True)
class Fit:
    """A connection that a project names, and why the one that would stand for it cannot."""

    name: str
    by: tuple[str, ...]
    """The objects that name it."""
    target: str
    problem: PenstockError | None


def fits(node: Node, project: Project, mapping: Mapping[str, str]) -> list[Fit]:
    """Every connection that a project names, with what is wrong with it here."""
    known, found = _known(node, {}), []
    for need in remapping.needs(project):
        wrong = remapping.problems([need], mapping, known)
        found.append(Fit(need.name, need.by, mapping.get(need.name, need.name), wrong[0] if wrong else None))
    return found


def problems(
    node: Node, project: Project, mapping: Mapping[str, str], types: Mapping[str, str]
) -> list[PenstockError]:
    """What keeps a project that comes in from using the connections here; `types`: what they were elsewhere."""
    return remapping.problems(remapping.needs(project), mapping, _known(node, types))


def remapped(project: Project, mapping: Mapping[str, str]) -> Mapping[str, Definition]:
    """File → definition of those that name another connection then."""
    return _remapped(project, mapping, fresh=False)


def _remapped(project: Project, mapping: Mapping[str, str], *, fresh: bool) -> Mapping[str, Definition]:
    """File → definition, of those that change."""
    sorts = {
        "dataset": project.datasets, "folder": project.folders, "recipe": project.recipes, "scenario": project.scenarios
    }  # fmt: skip
    changed: dict[str, Definition] = {}
    for sort, among in sorts.items():
        for name, definition in among.items():
            made = remapping.remapped(definition, mapping)
            made = _with_own_table(made) if fresh and getattr(made, "MANAGED", False) else made
            if made != definition:
                changed[file_of(sort, name)] = made
    return changed


def _with_own_table(dataset: Definition) -> Definition:
    """A managed dataset whose table no other project writes: a fixed name gives way to the connection's rules."""
    words = [str(getattr(dataset, field, "")) for field in ("table", "db_schema")]
    is_fixed = bool(words[0]) and not any("projectKey" in names_in(word) for word in words)
    return dataset.changed(table="") if is_fixed else dataset


def _on(project: Project, name: str, connection: str) -> Dataset:
    """The dataset on another connection. A table of its own name stays only in databases."""
    dataset = project.dataset(name)
    if "connection" not in type(dataset).model_fields or not (connection or dataset.MANAGED):
        raise Refused(
            f"Dataset {name} of type {dataset.kind_name()} has no connection to change.",
            hint=f"Leave it out: its rows live {dataset.where()}.",
        )
    words = {"table": "", "db_schema": ""} if dataset.MANAGED and not connection else {}
    return dataset.changed(connection=connection, **words)


def _check(node: Node, project: Project, moving: Mapping[str, Dataset], connection: str) -> None:
    """Raise what keeps these datasets from living there: missing, not for this person, not writable."""
    if connection and moving:
        after = replace(
            project, datasets=dict(moving), folders={}, recipes={}, scenarios={}
        )  # fmt: skip
        for problem in remapping.problems(remapping.needs(after), {}, _known(node, {})):
            raise problem


def _known(node: Node, types: Mapping[str, str]) -> Known:
    user, groups = _caller()
    return Known(connections=placing.connections(node), user=user, groups=groups, types=types)


def _caller() -> tuple[str, Sequence[str]]:
    """Whom connections are asked to allow; nobody for the node's own doing and for administrators."""
    who = guards.asking()
    if who is None or who.is_administrator:
        return "", ()
    return who.login, tuple(who.groups)


def _is_filled(node: Node, project: Project, name: str) -> bool:
    return project.dataset(name).MANAGED and keeping.snapshot(node, project, name) is not None


def _copied(node: Node, before: Project, after: Project, name: str) -> int:
    """Bring the rows of a dataset to where it will live; how many there are."""
    values = variables.resolve(node, before)
    with reading(node, before, values, place=place_of(node, before, name)) as opened:
        draft = keeping.of(node, after, name).begin()
        with keeping.discarded(draft):
            draft.write(opened.session, opened.table(name))
            return draft.finish(job="", keep=before.settings.snapshots_kept).rows
