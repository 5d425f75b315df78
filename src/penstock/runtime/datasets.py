"""Datasets seen from outside a job: look at rows, choose files, upload, infer columns, clear, export."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core.dataset import Dataset, Snapshot, SourceFile, check_clearable
from penstock.core.errors import Invalid, NotFound
from penstock.core.project import file_of
from penstock.core.schema import Column, Schema, described_like
from penstock.runtime import variables
from penstock.runtime.contexts import reading

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project
    from penstock.runtime.contexts import Reading

EXPLORED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The first rows of a dataset, and when they were looked at."""

    columns: Schema
    rows: tuple[Mapping[str, Any], ...]
    computed_at: datetime
    built_at: datetime | None
    """When a managed dataset was last built; None for others."""


def show(node: Node, project: str, name: str) -> Dataset:
    """The definition of a dataset."""
    return node.projects.load(project).dataset(name)


def columns(node: Node, project: str, name: str) -> Schema:
    """The columns as the data has them now, with what people wrote about them."""
    with _open(node, project, name) as (opened, loaded):
        return described_like(opened.session.columns(opened.table(name)), loaded.dataset(name).columns)


def head(node: Node, project: str, name: str, rows: int = EXPLORED) -> Rows:
    """The first rows, as plain values."""
    with _open(node, project, name) as (opened, loaded):
        table = opened.table(name)
        snapshot = opened.access(name).snapshot()
        return Rows(
            columns=described_like(opened.session.columns(table), loaded.dataset(name).columns),
            rows=tuple(opened.session.arrow(table.limit(rows)).to_pylist()),
            computed_at=node.clock.now(),
            built_at=snapshot.written_at if snapshot else None,
        )


def arrow(node: Node, project: str, name: str) -> Any:
    """All rows as a `pyarrow.Table`; memory for all of them."""
    with _open(node, project, name) as (opened, _):
        return opened.session.arrow(opened.table(name))


def count(node: Node, project: str, name: str) -> int:
    """How many rows there are; one pass over the data."""
    with _open(node, project, name) as (opened, _):
        table = opened.table(name)
        return int(opened.session.aggregate(table, {"rows": table.count()})["rows"])


def snapshots(node: Node, project: str, name: str) -> list[Snapshot]:
    """The finished writes of a managed dataset that are still readable, newest first."""
    node.projects.load(project).dataset(name)
    return node.data.snapshots(project, name)


def list_files(node: Node, project: str, name: str) -> list[tuple[SourceFile, bool]]:
    """Every file the dataset could read, and whether it does."""
    with _open(node, project, name) as (opened, loaded):
        access, dataset = opened.access(name), loaded.dataset(name)
        selected = {f.path for f in dataset.files(access)}
        return [(f, f.path in selected) for f in dataset.available(access)]


def select_files(node: Node, project: str, name: str, paths: Sequence[str], *, author: str) -> Dataset:
    """Make a `files` dataset read exactly these files, in this order."""
    with _open(node, project, name) as (opened, loaded):
        dataset = loaded.dataset(name)
        there = {f.path for f in dataset.available(opened.access(name))}
    missing = next((p for p in paths if p not in there), None)
    if missing is not None:
        raise NotFound("file", missing, among=there, where=f"the files of dataset {name}")
    chosen = dataset.selecting(paths)
    message = f"Dataset {name} reads {', '.join(paths) or 'no file'}"
    node.projects.save(project, {file_of("dataset", name): chosen}, author=author, message=message)
    return chosen


def upload(
    node: Node, project: str, name: str, sources: Sequence[Path], *, replace: bool = False
) -> list[str]:
    """Copy files to an `upload` dataset; with `replace`, the ones there before are removed."""
    node.projects.load(project).dataset(name)
    place = node.data.uploads(project, name)
    place.mkdir(parents=True, exist_ok=True)
    before = [p for p in place.iterdir() if p.is_file()]
    for source in sources:
        aside = place / f".{source.name}.{node.clock.new_id(6)}"
        shutil.copyfile(source, aside)
        aside.replace(place / source.name)
    kept = {s.name for s in sources}
    for old in before if replace else ():
        if old.name not in kept:
            old.unlink()
    return sorted(kept)


def infer(node: Node, project: str, name: str, *, author: str, save: bool = False) -> Schema:
    """Column types as the values suggest them; with `save`, written to the definition in one commit."""
    with _open(node, project, name) as (opened, loaded):
        dataset = loaded.dataset(name)
        found = described_like(dataset.infer(opened.access(name)), dataset.columns)
    if save:
        describe(node, project, name, found, author=author, message=f"Infer the columns of {name}")
    return found


def describe(
    node: Node, project: str, name: str, columns: Sequence[Column], *, author: str, message: str = ""
) -> Dataset:
    """Write columns (types, meanings, descriptions) to a dataset's definition."""
    changed = node.projects.load(project).dataset(name).changed(columns=tuple(columns))
    node.projects.save(
        project, {file_of("dataset", name): changed}, author=author, message=message or f"Describe {name}"
    )
    return changed


def clear(node: Node, project: str, name: str) -> None:
    """Empty a managed dataset. Raises ExternalData, naming where the data lives, for any other."""
    check_clearable(name, node.projects.load(project).dataset(name))
    node.data.clear(project, name)
    node.runs.forget_build(project, name)


def export(node: Node, project: str, name: str, target: Path) -> Path:
    """Write all rows to a file; its ending chooses csv, tsv, jsonl or parquet."""
    if not target.parent.is_dir():
        raise Invalid(f"There is no folder {target.parent}.", hint="Make it first, or choose another place.")
    with _open(node, project, name) as (opened, _):
        opened.session.export(opened.table(name), target)
    return target


@contextmanager
def _open(node: Node, project: str, name: str) -> Iterator[tuple[Reading, Project]]:
    loaded = node.projects.load(project)
    loaded.dataset(name)
    with reading(node, loaded, variables.resolve(node, loaded)) as opened:
        yield opened, loaded
