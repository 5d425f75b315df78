"""Every problem of a project's files at once, each with file, line, field and the nearest valid word."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from penstock.core import flow, scenario_problems, sharing, variable_problems
from penstock.core.errors import InvalidDefinition
from penstock.core.kind import Definition
from penstock.core.reporter_problems import TEMPLATES
from penstock.store import layout
from penstock.store.reading import ProjectFiles, check_place, located
from penstock.store.saving import read_bytes
from penstock.store.yaml import decode, parse

Overlay = Mapping[str, bytes | None]
MOST_PER_FILE = 20


def problems(
    files: ProjectFiles, key: str, overlay: Overlay | None = None, *, known: Mapping[str, Any] | None = None,
    foreign: Mapping[str, Any] | None = None,
) -> list[InvalidDefinition]:  # fmt: skip
    """What is wrong with the files as they are, or as they would be with some replaced. `known` are variables that
    have a value on this node besides those of the project, `foreign` the objects that others share with it."""
    overlay = overlay or {}
    found = [*files.unreadable.values(), *_misplaced(files, overlay)]
    definitions: dict[str, Definition] = {}
    for file in filter(layout.is_definition, files.names(overlay)):
        try:
            definitions[file] = files.definition(file, overlay)
        except InvalidDefinition as first:
            found += _all_in(files, file, overlay, first)
    project = replace(files.build(key, known or {}, definitions, tuple(found)), foreign=foreign or {})
    templates = _Templates(files.path, overlay)
    scenarios = scenario_problems.problems(project, read=templates.read, templates=templates.names())
    rest = (*flow.problems(project), *sharing.problems(project), *scenarios)
    return found + [_with_line(files, problem, overlay) for problem in rest]


@dataclass(frozen=True, slots=True)
class _Templates:
    """The files in `templates/`, as they are or would be."""

    path: Path
    overlay: Overlay

    def names(self) -> list[str]:
        there = {f"{TEMPLATES}/{p.name}" for p in (self.path / TEMPLATES).glob("*") if p.is_file()}
        new = {file for file in self.overlay if file.startswith(f"{TEMPLATES}/")}
        return sorted(file.partition("/")[2] for file in {*there, *new} if self.read(file) is not None)

    def read(self, file: str) -> str | None:
        data = self.overlay[file] if file in self.overlay else read_bytes(self.path, file)
        return None if data is None else data.decode("utf-8-sig", "replace")


def undefined(files: ProjectFiles, key: str, known: Collection[str]) -> list[InvalidDefinition]:
    """Variables that recipes use and nothing gives a value: no reason to refuse a save, but a build would fail."""
    project = files.build(key, {}, *files.readable())
    names = {*known, *project.settings.variables, *variable_problems.set_by_scenarios(project)}
    return [_with_line(files, problem, {}) for problem in variable_problems.problems(project, names)]


def together(found: Sequence[InvalidDefinition]) -> InvalidDefinition:
    """Several problems as one error: the first, and `also` the others."""
    first, *others = found
    error = InvalidDefinition(
        first.problem, file=first.file, line=first.line, field=first.field, hint=first.hint
    )
    error.also = tuple(others)
    return error


def _misplaced(files: ProjectFiles, overlay: Overlay) -> Iterator[InvalidDefinition]:
    names = files.names(overlay)
    for file in names:
        folder, _, name = file.rpartition("/")
        stem, _, ending = name.rpartition(".")
        try:
            check_place(file)
        except InvalidDefinition as problem:
            yield problem
        if layout.has_bodies(file) and ending in ("py", "sql") and f"{folder}/{stem}.yaml" not in names:
            what = "recipe" if folder == layout.RECIPES else "scenario"
            yield InvalidDefinition(f"This code belongs to no {what}; there is no {stem}.yaml.", file=file)


def _all_in(
    files: ProjectFiles, file: str, overlay: Overlay, first: InvalidDefinition
) -> list[InvalidDefinition]:
    """The problems of a file, and those that show only when the broken settings are left out."""
    found = [first, *first.also]
    data = (overlay[file] if file in overlay else files.data(file)) or b""
    try:
        text = decode(data)
        original = parse(text).value
    except InvalidDefinition:
        return found
    value = copy.deepcopy(original)
    left_out = {place for problem in found if (place := _without(value, problem.field)) is not None}
    if not left_out or len(found) > MOST_PER_FILE:
        return found[:MOST_PER_FILE]
    try:
        layout.definition_of(file, value)
    except InvalidDefinition as problem:
        more = [p for p in (problem, *problem.also) if not _because_of(p.field, left_out)]
        found += [located(p, file, text, original) for p in more]
    return found[:MOST_PER_FILE]


def _because_of(field: str, left_out: set[str]) -> bool:
    """Whether a problem may be there only because something beside or in it was left out."""
    around = {place.rpartition(".")[0] for place in left_out}
    return field in around or field in left_out or field.rpartition(".")[0] in around


def _without(value: Any, field: str) -> str | None:
    """Take a dotted field out of a nest of mappings and lists, or the list it is in; its place, if it was there."""
    *path, last = field.split(".")
    inner = value
    for part in path:
        inner = _inner(inner, part)
    if isinstance(inner, dict) and last in inner and last != "type":
        del inner[last]
        return field
    return _without(value, ".".join(path)) if path else None


def _inner(value: Any, part: str) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    if isinstance(value, list) and part.isdigit() and int(part) < len(value):
        return value[int(part)]
    return None


def _with_line(files: ProjectFiles, problem: InvalidDefinition, overlay: Overlay) -> InvalidDefinition:
    data = overlay[problem.file] if problem.file in overlay else files.data(problem.file)
    return located(problem, problem.file, decode(data), {"body": ""}) if data else problem
