"""Datasets seen from outside a job: look at rows, choose files, upload, infer columns, clear, export."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core import registry
from penstock.core.access import Permission
from penstock.core.dataset import Dataset, Snapshot, SourceFile, check_clearable, format_for
from penstock.core.errors import ColumnMissing, Conflict, Invalid, NotFound, Refused
from penstock.core.files import LocalFiles, is_hidden
from penstock.core.names import check_name
from penstock.core.project import file_of
from penstock.core.schema import Column, Schema, described_like
from penstock.runtime import arrivals, audit, guards, keeping, variables
from penstock.runtime.contexts import place_of, reading

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project
    from penstock.runtime.contexts import Reading

EXPLORED = 10_000
SAMPLED = ("first", "last", "random_number")
"""Ways to choose rows to look at."""
APPEND_TRIES = 100
"""How often an append starts again because somebody else was faster; each time somebody did get on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The first rows of a dataset, and when they were looked at."""

    columns: Schema
    rows: tuple[Mapping[str, Any], ...]
    computed_at: datetime
    built_at: datetime | None
    """When a managed dataset was last built; None for others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Rows as they were read: a `pyarrow.Table`, with the columns as people described them."""

    columns: Schema
    table: Any
    computed_at: datetime
    built_at: datetime | None

    def plain(self) -> Rows:
        rows = tuple(self.table.to_pylist())
        return Rows(columns=self.columns, rows=rows, computed_at=self.computed_at, built_at=self.built_at)


def show(node: Node, project: str, name: str) -> Dataset:
    """The definition of a dataset."""
    return node.projects.load(project).dataset(name)


def columns(node: Node, project: str, name: str) -> Schema:
    """The columns as the data has them now, with what people wrote about them."""
    with _open(node, project, name) as (opened, loaded):
        return described_like(opened.session.columns(opened.table(name)), loaded.dataset(name).columns)


def known_columns(node: Node, project: Project, name: str) -> Schema:
    """The same without looking at the data: as last written, or as declared when nothing is."""
    key, own = project.home_of(name)
    declared = project.dataset(name).columns
    written = node.data.snapshot(key, own)
    return described_like(written.columns, declared) if written else declared


@dataclass(frozen=True, slots=True)
class Seen:
    """A column as the data has it now, and what its definition says of it."""

    column: Column
    is_declared: bool
    is_read: bool
    """It is among the columns that readers of the dataset get."""
    is_there: bool = True
    """The data has it still."""


def seen_columns(node: Node, project: str, name: str) -> list[Seen]:
    """Every column that is read, in order; then those its files hold and nobody declared, and those that are declared
    and gone. Raises what keeps the data from being read."""
    with _open(node, project, name) as (opened, loaded):
        dataset = loaded.dataset(name)
        declared = {c.name: c for c in dataset.columns}
        read = [declared.get(c.name, c) for c in opened.session.columns(opened.table(name))]
        has_files = bool(dataset.columns) and bool(dataset.files(opened.access(name)))
        more = opened.session.infer(opened.access(name), dataset, types=False) if has_files else ()
    names = {c.name for c in read}
    return [
        *(Seen(c, c.name in declared, True) for c in read),
        *(Seen(c, False, False) for c in more if c.name not in names),
        *(Seen(c, True, False, False) for c in dataset.columns if c.name not in names),
    ]


def head(node: Node, project: str, name: str, rows: int = EXPLORED) -> Rows:
    """The first rows, as plain values."""
    return _looked_at(node, project, name, rows, lambda table: table.limit(rows)).plain()


def sample(node: Node, project: str, name: str, rows: int = EXPLORED, *, way: str = "first") -> Rows:
    """Some rows, as plain values: the `first`, the `last` or `random_number` of them, the same ones each time."""
    return look(node, project, name, rows, way=way).plain()


def look(node: Node, project: str, name: str, rows: int = EXPLORED, *, way: str = "first") -> Looked:
    """Some rows as a table, chosen as by `sample`."""
    if way not in SAMPLED:
        raise Invalid(f"'{way}' is no way to choose rows here.", hint=f"Ways are {', '.join(SAMPLED)}.")
    chosen: Any = registry.parse("samplings", {"type": way, "n": rows})
    return _looked_at(node, project, name, rows, chosen.take)


def _looked_at(node: Node, project: str, name: str, rows: int, take: Callable[[Any], Any]) -> Looked:
    note_look(node, project, name, rows)
    with _open(node, project, name) as (opened, loaded):
        table = opened.table(name)
        snapshot = opened.access(name).snapshot()
        return Looked(
            columns=described_like(opened.session.columns(table), loaded.dataset(name).columns),
            table=opened.session.arrow(take(table)),
            computed_at=node.clock.now(),
            built_at=snapshot.written_at if snapshot else None,
        )


def note_look(node: Node, project: str, name: str, rows: int) -> None:
    """Write into the audit log that somebody sees rows of a dataset."""
    audit.note_read(node, "dataset-read-data-sample", project=project, object=f"dataset:{name}", rows=rows)


def arrow(node: Node, project: str, name: str) -> Any:
    """All rows as a `pyarrow.Table`; memory for all of them."""
    audit.note_read(node, "dataset-read-data", project=project, object=f"dataset:{name}")
    with _open(node, project, name) as (opened, _):
        return opened.session.arrow(opened.table(name))


def first(node: Node, project: str, name: str, rows: int) -> Any:
    """The first rows as a `pyarrow.Table`."""
    audit.note_read(node, "dataset-read-data-sample", project=project, object=f"dataset:{name}", rows=rows)
    with _open(node, project, name) as (opened, _):
        return opened.session.arrow(opened.table(name).limit(rows))


@contextmanager
def streamed(
    node: Node, project: str, name: str, columns: Sequence[str] = ()
) -> Iterator[tuple[Schema, Iterator[Sequence[Any]]]]:
    """The columns of a dataset, all or some, and its rows as plain values; memory for one batch of them."""
    audit.note_read(node, "dataset-read-data", project=project, object=f"dataset:{name}")
    with _open(node, project, name) as (opened, _):
        table = opened.table(name)
        for column in columns:
            if column not in table.columns:
                raise ColumnMissing(column, dataset=name, near=table.columns)
        table = table.select(*columns) if columns else table
        yield opened.session.columns(table), _rows_of(opened.session.stream(table))


def _rows_of(batches: Any) -> Iterator[Sequence[Any]]:
    for batch in batches:
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def count(node: Node, project: str, name: str) -> int:
    """How many rows there are; one pass over the data."""
    with _open(node, project, name) as (opened, _):
        table = opened.table(name)
        return int(opened.session.aggregate(table, {"rows": table.count()})["rows"])


def snapshots(node: Node, project: str, name: str) -> list[Snapshot]:
    """The finished writes of a managed dataset that are still readable, newest first."""
    return keeping.of(node, node.projects.load(project), name).snapshots()


def list_files(node: Node, project: str, name: str) -> list[tuple[SourceFile, bool]]:
    """Every file the dataset could read, and whether it does."""
    with _open(node, project, name) as (opened, loaded):
        access, dataset = opened.access(name), loaded.dataset(name)
        selected = {f.path for f in dataset.files(access)}
        return [(f, f.path in selected) for f in dataset.available(access)]


def selected(node: Node, project: str, name: str) -> list[str]:
    """The paths a dataset reads, in reading order; those of an explicit list also when they are not there."""
    with _open(node, project, name) as (opened, loaded):
        dataset = loaded.dataset(name)
        chosen = getattr(dataset, "selection", None)
        if chosen is not None and chosen.mode == "explicit":
            return list(chosen.files)
        return [f.path for f in dataset.files(opened.access(name))]


def select_files(node: Node, project: str, name: str, paths: Sequence[str], *, author: str) -> Dataset:
    """Make a `files` dataset read exactly these files, in this order."""
    with _open(node, project, name) as (opened, loaded):
        dataset = loaded.dataset(name)
        kept = getattr(getattr(dataset, "selection", None), "files", ())
        there = {f.path for f in dataset.available(opened.access(name))}
    missing = next((p for p in paths if p not in there and p not in kept), None)
    if missing is not None:
        raise NotFound("file", missing, among=there, where=f"the files of dataset {name}")
    chosen = dataset.selecting(paths)
    message = f"Dataset {name} reads {', '.join(paths) or 'no file'}"
    node.projects.save(project, {file_of("dataset", name): chosen}, author=author, message=message)
    return chosen


def create(
    node: Node, project: str, name: str, sources: Sequence[Path], *, author: str, types: bool = False,
    format: str = "",
) -> Dataset:  # fmt: skip
    """A new `upload` dataset from files, as one commit.

    Its format is detected from the first file unless it is given as JSON, such as `{"type": "csv", "separator": ";"}`;
    its columns from all of them. Columns of text files are strings until their types are inferred or set, unless
    `types` infers them right away. Every cell is read before anything is kept. Raises Conflict when the name is
    taken, Invalid for a format we do not read, DataUnreadable and
    SourceNotReady for files without rows in that format.
    """
    loaded = node.projects.load(project)
    if not sources:
        raise Invalid("A dataset is made from one file at least.")
    arrivals.check_there(sources)
    if check_name(name) in {*loaded.items, *loaded.recipes}:
        raise Conflict(f"There is already something called '{name}'.", hint="Choose another name.")
    how = _read_format(format) if format else format_for(str(sources[0])).to_mapping()
    made = registry.parse("datasets", {"type": "upload", "format": how})
    assert isinstance(made, Dataset)
    made = made.changed(columns=arrivals.columns(node, loaded, name, made, sources, types=types))
    with ExitStack() as undone:
        node.data.drop_uploads(project, name)  # nobody's: what a dataset that was deleted left behind
        undone.callback(node.data.drop_uploads, project, name)
        _copy(node, project, name, sources)
        node.projects.save(
            project, {file_of("dataset", name): made}, author=author, message=f"Upload dataset {name}"
        )
        undone.pop_all()
    return made


def doubts(node: Node, project: str, name: str) -> list[str]:
    """What may be wrong with the format of the files a dataset reads, in sentences: a column named twice …"""
    with _open(node, project, name) as (opened, loaded):
        access, dataset = opened.access(name), loaded.dataset(name)
        return list(
            dict.fromkeys(doubt for f in dataset.files(access) for doubt in dataset.doubts(access, f))
        )


def upload(
    node: Node, project: str, name: str, sources: Sequence[Path], *, replace: bool = False
) -> list[str]:
    """Copy files to an `upload` dataset; with `replace`, the ones there before are removed.

    Every cell of them is read first: files that the dataset could not read are refused, and nothing changes.
    """
    loaded, place = _uploaded(node, project, name)
    arrivals.check_there(sources)
    before = {f.name: f for f in place.glob("*") if f.is_file() and not is_hidden(f.name)}
    staying = [] if replace else [f for n, f in before.items() if n not in {s.name for s in sources}]
    arrivals.check(node, loaded, name, staying, sources)
    kept = _copy(node, project, name, sources)
    for old in set(before).difference(kept) if replace else ():
        before[old].unlink()
    return kept


def remove_files(node: Node, project: str, name: str, paths: Sequence[str]) -> None:
    """Remove files of an `upload` dataset; the others stay. Raises NotFound, and then removes none."""
    _, place = _uploaded(node, project, name)
    there = {f.path for f in LocalFiles(place).listed()}
    missing = next((p for p in paths if p not in there), None)
    if missing is not None:
        raise NotFound("file", missing, among=there, where=f"the files of dataset {name}")
    for path in paths:
        (place / path).unlink(missing_ok=True)


def _uploaded(node: Node, project: str, name: str) -> tuple[Project, Path]:
    """The project, and where the files of one of its `upload` datasets lie. Raises Refused for any other dataset."""
    loaded = node.projects.load(project)
    dataset = loaded.dataset(name)
    if dataset.kind_name() != "upload":
        raise Refused(
            f"Dataset {name} is of type {dataset.kind_name()}; only an upload dataset keeps files of its own.",
            hint=f"Its rows live {dataset.where()}.",
        )
    return loaded, node.data.uploads(project, name)


def infer(node: Node, project: str, name: str, *, author: str, save: bool = False) -> Schema:
    """Column types as the values suggest them; with `save`, written to the definition in one commit."""
    with _open(node, project, name) as (opened, loaded):
        dataset = loaded.dataset(name)
        inferred = opened.session.infer(opened.access(name), dataset, types=True)
        found = described_like(inferred, dataset.columns)
    if save:
        describe(node, project, name, found, author=author, message=f"Infer the columns of {name}")
    return found


def reload(node: Node, project: str, name: str, *, author: str) -> Schema:
    """Write the columns the data has now to the definition; those that were there keep type and description."""
    with _open(node, project, name) as (opened, loaded):
        dataset = loaded.dataset(name)
        known = {c.name: c for c in dataset.columns}
        seen = opened.session.infer(opened.access(name), dataset, types=False)
        fresh = tuple(known.get(c.name, c) for c in seen)
    if fresh != dataset.columns:
        describe(node, project, name, fresh, author=author, message=f"Reload the columns of {name}")
    return fresh


def describe(
    node: Node, project: str, name: str, columns: Sequence[Column], *, author: str, message: str = "", base: str = ""
) -> Dataset:  # fmt: skip
    """Write columns (types, meanings, descriptions) to a dataset's definition. Raises SaveConflict when its file is no
    longer the one that `base` was read with; without it nobody looks."""
    file = file_of("dataset", name)
    there = node.projects.load(project).dataset(name)
    changed = registry.validate(type(there), {**dict(iter(there)), "columns": tuple(columns)})
    node.projects.save(
        project, {file: changed}, author=author, message=message or f"Describe {name}",
        base={file: base} if base else None,
    )  # fmt: skip
    return changed


def clear(node: Node, project: str, name: str) -> None:
    """Empty a managed dataset. Raises ExternalData, naming where the data lives, for any other."""
    loaded = node.projects.load(project)
    check_clearable(name, loaded.dataset(name))
    keeping.of(node, loaded, name).clear()
    node.runs.forget_build(project, name)


def append(node: Node, project: str, name: str, rows: Sequence[Mapping[str, Any]]) -> Snapshot:
    """Add rows to a managed dataset that no recipe writes; new columns are empty in the old rows.

    Whoever appends at the same time is waited for, so that no row is lost. Raises Refused for any other dataset.
    """
    loaded = node.projects.load(project)
    dataset = loaded.dataset(name)
    writer = loaded.producer(name)
    if not dataset.MANAGED or writer:
        where = f"recipe {writer} writes it" if writer else f"its rows live {dataset.where()}"
        raise Refused(
            f"Nothing can be appended to dataset {name}: {where}.",
            hint="Append to a managed dataset of its own.",
        )
    for _ in range(APPEND_TRIES):
        with suppress(Conflict):
            return _appended(node, loaded, name, rows)
    raise Conflict(f"Dataset {name} is being written all the time; the rows were not added.")


def export(node: Node, project: str, name: str, target: Path) -> Path:
    """Write all rows to a file; its ending chooses csv, tsv, jsonl or parquet."""
    if not target.parent.is_dir():
        raise Invalid(f"There is no folder {target.parent}.", hint="Make it first, or choose another place.")
    guards.require(node, Permission.EXPORT, project)
    audit.note(
        node, "dataset-export", project=project, object=f"dataset:{name}", format=target.suffix.lstrip(".")
    )
    with _open(node, project, name) as (opened, _):
        opened.session.export(opened.table(name), target)
    return target


def _appended(node: Node, project: Project, name: str, rows: Sequence[Mapping[str, Any]]) -> Snapshot:
    """One try to add rows. Raises Conflict when somebody else wrote meanwhile."""
    import pyarrow as pa

    kept = keeping.of(node, project, name)
    seen = kept.snapshot()
    values = variables.resolve(node, project)
    with reading(node, project, values, place=place_of(node, project, name)) as opened:
        old = [opened.session.arrow(opened.table(name))] if seen else []
        try:
            table = pa.concat_tables([*old, pa.Table.from_pylist(list(rows))], promote_options="permissive")
        except (pa.ArrowException, OverflowError) as error:
            raise Invalid(f"These rows fit into no table with those of {name}: {error}") from error
        draft = kept.begin()
        with keeping.discarded(draft):
            draft.write(opened.session, table)
            return draft.finish(job="", keep=project.settings.snapshots_kept, after=seen.id if seen else "")


def _read_format(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Invalid(f"The format is no JSON: {error}.", hint='Such as {"type": "csv"}.') from error


def _copy(node: Node, project: str, name: str, sources: Sequence[Path]) -> list[str]:
    """Copy files to where uploads lie, each written aside and swapped in; their names there."""
    place = node.data.uploads(project, name)
    for source in sources:
        node.data.put(source, place / source.name)
    return sorted({s.name for s in sources})


@contextmanager
def _open(node: Node, project: str, name: str) -> Iterator[tuple[Reading, Project]]:
    loaded = node.projects.load(project)
    place = place_of(node, loaded, name)
    with reading(node, loaded, variables.resolve(node, loaded), place=place) as opened:
        yield opened, loaded
