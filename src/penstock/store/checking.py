"""Every problem of a project's files at once, each with file, line, field and the nearest valid word."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from penstock.core import flow, scenario_problems
from penstock.core.errors import InvalidDefinition
from penstock.core.kind import Definition
from penstock.store import layout
from penstock.store.reading import ProjectFiles, check_place, located
from penstock.store.yaml import decode, parse

Overlay = Mapping[str, bytes | None]
MOST_PER_FILE = 20


def problems(files: ProjectFiles, key: str, overlay: Overlay | None = None) -> list[InvalidDefinition]:
    """What is wrong with the files as they are, or as they would be with some replaced."""
    overlay = overlay or {}
    found = [*files.unreadable.values(), *_misplaced(files, overlay)]
    definitions: dict[str, Definition] = {}
    for file in filter(layout.is_definition, files.names(overlay)):
        try:
            definitions[file] = files.definition(file, overlay)
        except InvalidDefinition as first:
            found += _all_in(files, file, overlay, first)
    project = files.build(key, {}, definitions, tuple(found))
    return found + [
        _with_line(files, problem, overlay)
        for problem in (*flow.problems(project), *scenario_problems.problems(project))
    ]


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
    """The first problem of a file and those behind it, found by leaving out one broken setting after the other."""
    found = [first]
    data = (overlay[file] if file in overlay else files.data(file)) or b""
    try:
        text = decode(data)
        original = parse(text).value
    except InvalidDefinition:
        return found
    value = copy.deepcopy(original)
    while len(found) < MOST_PER_FILE and _without(value, found[-1].field):
        try:
            layout.definition_of(file, value)
            return found
        except InvalidDefinition as problem:
            if problem.field in {p.field for p in found}:
                return found
            found.append(located(problem, file, text, original))
    return found


def _without(value: Any, field: str) -> bool:
    """Take a dotted field out of a nest of mappings and lists; False when it is not there."""
    *path, last = field.split(".")
    for part in path:
        value = _inner(value, part)
    if isinstance(value, dict) and last in value and field != "type":
        del value[last]
        return True
    return False


def _inner(value: Any, part: str) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    if isinstance(value, list) and part.isdigit() and int(part) < len(value):
        return value[int(part)]
    return None


def _with_line(files: ProjectFiles, problem: InvalidDefinition, overlay: Overlay) -> InvalidDefinition:
    data = overlay[problem.file] if problem.file in overlay else files.data(problem.file)
    return located(problem, problem.file, decode(data), {"body": ""}) if data else problem
