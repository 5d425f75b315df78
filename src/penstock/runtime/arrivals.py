"""Arrivals: files that are to become rows are read to their last cell aside, before anything of them is kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core import registry
from penstock.core.dataset import Dataset, Format
from penstock.core.errors import (
    ColumnMissing,
    DataUnreadable,
    Invalid,
    NotFound,
    PenstockError,
    SourceNotReady,
)
from penstock.runtime import variables
from penstock.runtime.contexts import reading

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.ports import Session
    from penstock.core.project import Project
    from penstock.core.schema import Schema

UNFIT = (DataUnreadable, NotFound, SourceNotReady)
"""What is raised for files that cannot be read as they should."""


def check_there(sources: Sequence[Path]) -> None:
    """Raise NotFound for a file that is not there, Invalid for two of one name or one that would be hidden."""
    missing = next((s for s in sources if not s.is_file()), None)
    if missing is not None:
        raise NotFound("file", str(missing))
    names = [s.name for s in sources]
    twice = next((n for n in names if names.count(n) > 1), None)
    if twice is not None:
        raise Invalid(f"Two of the files are called {twice}.", hint="Give one another name.")
    hidden = next((n for n in names if n.startswith(".")), None)
    if hidden is not None:
        raise Invalid(
            f"{hidden} begins with a dot: it would be hidden, and nobody would read it.",
            hint="Give the file another name.",
        )


def columns(
    node: Node, project: Project, name: str, made: Dataset, sources: Sequence[Path], *, types: bool
) -> Schema:  # fmt: skip
    """The columns of files as a dataset would read them, types that fit every row if asked for; every cell is read.

    Raises DataUnreadable, SourceNotReady, NotFound saying what is wrong with which file.
    """
    _check_filled(sources)
    fresh = _with(project, name, made)
    with reading(node, fresh, variables.resolve(node, fresh)) as opened:
        access = opened.access(name)
        access.uploaded, access.every_row = _linked(sources, opened.scratch() / "uploads"), True
        found = opened.session.infer(access, made, types=types)
        access.project = _with(project, name, made.changed(columns=found))
        try:
            _read(opened.session, opened.session.table(access, name))
        except ColumnMissing as error:
            raise DataUnreadable(
                f"The files do not hold the same columns: '{error.name}' is not in every one of them.",
                hint="Make a dataset of its own from each form of file.",
            ) from error
    return found


def check(node: Node, project: Project, name: str, there: Sequence[Path], sources: Sequence[Path]) -> None:
    """Raise unless files can be read, to their last cell, with a dataset's settings and columns: by themselves, or
    together with the files that are there already."""
    _check_filled(sources)
    dataset = project.dataset(name)
    _check_form(name, dataset, sources)
    try:
        _tried(node, project, name, sources)
    except UNFIT as alone:
        try:
            _tried(node, project, name, [*there, *sources] if there else sources)
        except UNFIT:
            raise _told(alone, name, sources) from None


def _told(error: PenstockError, name: str, sources: Sequence[Path]) -> PenstockError:
    """What is wrong with files that come in, rather than with the dataset they come to."""
    if not isinstance(error, ColumnMissing):
        return error
    return DataUnreadable(
        f"{', '.join(s.name for s in sources)} has no column '{error.name}', which dataset {name} reads.",
        hint="Correct its first line, or make a dataset of its own from it.",
    )


def _tried(node: Node, project: Project, name: str, sources: Sequence[Path]) -> None:
    with reading(node, project, variables.resolve(node, project)) as opened:
        access = opened.access(name)
        access.uploaded = _linked(sources, opened.scratch() / "uploads")
        _read(opened.session, opened.session.table(access, name))


def _read(session: Session, table: Any) -> None:
    """Every cell, so that none can fail later."""
    session.aggregate(table, {f"c{i}": table[c].count() for i, c in enumerate(table.columns)})


def _check_filled(sources: Sequence[Path]) -> None:
    empty = next((s for s in sources if s.stat().st_size == 0), None)
    if empty is not None:
        raise SourceNotReady(
            f"{empty.name} is empty: it has 0 bytes.",
            hint="Was it saved, and copied whole? Choose it again.",
        )


def _check_form(name: str, dataset: Dataset, sources: Sequence[Path]) -> None:
    """Raise Invalid for a workbook among text files, and the like."""
    own = getattr(dataset, "format", None)
    if not isinstance(own, Format):
        return
    others = {
        suffix: word
        for word in registry.names("formats")
        for suffix in getattr(registry.kind("formats", word), "SUFFIXES", ())
        if word != own.kind_name()
    }
    for source in sources:
        other = others.get(source.suffix.lower())
        if other is not None:
            raise Invalid(
                f"{source.name} is a file of format {other}; dataset {name} reads {own.kind_name()}.",
                hint="Make a dataset of its own from it, or save it in the format of the others.",
            )


def _with(project: Project, name: str, dataset: Dataset) -> Project:
    return dataclasses.replace(project, datasets={**project.datasets, name: dataset})


def _linked(sources: Sequence[Path], place: Path) -> Path:
    """The files under one roof, to be looked at before they are copied."""
    place.mkdir(parents=True)
    for source in sources:
        (place / source.name).symlink_to(source.resolve())
    return place
