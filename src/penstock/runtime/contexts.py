"""What a dataset sees of its surroundings while it is looked at or read, in a job and outside of one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core import api_log, sharing, variables
from penstock.core.connection import Database
from penstock.core.dataset import Snapshot
from penstock.core.errors import ActivityFailed, DataUnreadable, NotReady
from penstock.core.files import LocalFiles
from penstock.core.metric import ObjectKey
from penstock.core.placement import LOCAL, Place
from penstock.runtime import keepers, keeping

if TYPE_CHECKING:
    from penstock.core.check import CheckResult
    from penstock.core.dataset import Dataset
    from penstock.core.files import FileRoot, FileSource
    from penstock.core.metric import MetricValue
    from penstock.core.naming import TableName
    from penstock.core.node import Node
    from penstock.core.ports import Session
    from penstock.core.project import Project


def folder_root(node: Node, project: Project, name: str) -> FileRoot:
    """The files of a managed folder, wherever they lie."""
    folder = project.folder(name)
    if name in project.foreign:
        owner, name = project.home_of(name)
        there = node.projects.load(owner)
        sharing.check_shared(there, name, project.key)
        return folder_root(node, there, name)
    if folder.connection:
        place = folder.path or f"{node.files.rule(folder.connection)}/{folder.id or name}"
        path = variables.expand_text(place, _values(node, project), where=f"the path of folder {name}")
        return node.files.on(project.key, folder.connection, path, flag="managed_folders")
    if folder.path:
        return node.files.at(project.key, node.data.server_path(folder.path))
    return node.files.at(project.key, node.data.folder(project.key, folder.id or name))


def _values(node: Node, project: Project) -> Mapping[str, Any]:
    return variables.levels(
        instance=node.projects.instance_variables(), standard=project.settings.variables,
        local=project.local_variables, project_key=project.key,
    )  # fmt: skip


@dataclass(kw_only=True)
class DatasetAccess:
    """The DatasetContext: one dataset of a project, at one moment. The snapshot it saw first is what it reads."""

    node: Node
    project: Project
    name: str
    values: Mapping[str, Any]
    backend: Any = None
    session: Session | None = None
    beside: Callable[[Place], AbstractContextManager[Session]] | None = None
    """A session on another place, which whoever reads can interrupt too."""
    scratch: Callable[[], Path] | None = None
    uploaded: Path | None = None
    """Where its uploads lie while it is not made yet."""
    every_row: bool = False

    @cached_property
    def work(self) -> Path:
        if self.scratch is None:
            raise NotReady(f"Dataset {self.name} is only looked at here; open it to read it.")
        return self.scratch()

    @property
    def place(self) -> Place:
        return self.session.place if self.session else LOCAL

    def table(self, name: str, schema: str) -> Any:
        return self._in_database().from_table(name, schema)

    def managed_table(self) -> TableName:
        return keepers.table_of(self.node, self.project, self.name)

    def query(self, sql: str) -> Any:
        return self._in_database().from_query(sql)

    def fetched(self) -> Sequence[Path]:
        is_managed = self.project.dataset(self.name).MANAGED
        if is_managed and place_of(self.node, self.project, self.name) == LOCAL:
            return self.snapshot_files()
        folder = self.work / "fetched" / self.name
        if not folder.exists():
            fresh = folder.with_name(f".{self.name}")
            shutil.rmtree(fresh, ignore_errors=True)
            with (self.beside or self.node.engines.session)(
                place_of(self.node, self.project, self.name)
            ) as session:
                there = replace(self, session=session, backend=session.backend)
                session.write_parquet(session.table(there, self.name), fresh)
            fresh.rename(folder)
        return sorted(folder.glob("*.parquet"))

    def _in_database(self) -> Session:
        if self.session is None:
            raise NotReady(f"Dataset {self.name} is only looked at here; open it to read it.")
        return self.session

    def expand(self, text: str) -> str:
        return variables.expand_text(text, self.values, where=f"dataset {self.name}")

    def folder(self, name: str) -> FileSource:
        return folder_root(self.node, self.project, name)

    def connected(self, connection: str, path: str) -> FileSource:
        return self.node.files.on(self.project.key, connection, self.expand(path))

    def elsewhere(self, project: str, dataset: str) -> tuple[Dataset, DatasetAccess]:
        owner = self.node.projects.load(project)
        sharing.check_shared(owner, dataset, self.project.key)
        there = replace(self, project=owner, name=dataset, values=_values(self.node, owner), uploaded=None)
        return owner.dataset(dataset), there

    def uploads(self) -> Path:
        return self.uploaded or self.node.data.uploads(self.project.key, self.name)

    def journal(self, service: str, endpoint: str, *, shadow: bool = False) -> FileSource:
        place = api_log.folder(self.project.key, service, endpoint, shadow=shadow)
        return LocalFiles(self.node.config.home / api_log.FOLDER / place)

    def server_path(self, path: str) -> Path:
        return self.node.data.server_path(path)

    @cached_property
    def _snapshot(self) -> Snapshot | None:
        return keeping.snapshot(self.node, self.project, self.name)

    def snapshot(self) -> Snapshot | None:
        return self._snapshot

    def snapshot_files(self) -> list[Path]:
        seen = self._snapshot
        kept = keeping.of(self.node, self.project, self.name)
        if seen and isinstance(kept, keepers.InLake):
            return kept.fetched(seen, lambda: self.work)
        return self.node.data.files(self.project.key, self.name, seen.id) if seen else []

    def metric_history(self, scope: str, item: str, last_only: bool) -> Sequence[MetricValue]:
        if scope == "project":
            return self.node.metrics.project_values(self.project.key, last_only=last_only)
        key = self._key(item)
        return list(self.node.metrics.last(key).values()) if last_only else self.node.metrics.history(key)

    def check_history(self, scope: str, item: str, last_only: bool) -> Sequence[CheckResult]:
        if scope == "project":
            return self.node.metrics.project_results(self.project.key, last_only=last_only)
        key = self._key(item)
        return (
            list(self.node.metrics.last_results(key).values())
            if last_only
            else self.node.metrics.results(key)
        )

    def _key(self, item: str) -> ObjectKey:
        return ObjectKey(project=self.project.key, type=self.project.item_type(item), name=item)


@dataclass(kw_only=True)
class Reading:
    """Datasets of one project, open to be read: a session, and what has been opened on it."""

    node: Node
    project: Project
    values: Mapping[str, Any]
    scratch: Callable[[], Path]
    session: Session
    _seen: dict[str, DatasetAccess] = field(default_factory=dict)
    _beside: list[Session] = field(default_factory=list)

    def access(self, dataset: str) -> DatasetAccess:
        """The context of a dataset; the same one each time, so that two reads see the same data."""
        if dataset not in self._seen:
            self._seen[dataset] = DatasetAccess(
                node=self.node, project=self.project, name=dataset, values=self.values,
                backend=self.session.backend, session=self.session, beside=self.beside, scratch=self.scratch,
            )  # fmt: skip
        return self._seen[dataset]

    def table(self, dataset: str) -> Any:
        """The dataset as an `ibis.Table`; lazy."""
        return self.session.table(self.access(dataset), dataset)

    def first_rows(self, dataset: str, rows: int, folder: Path) -> Sequence[str]:
        """Write the first rows of a dataset as Parquet, and no others leave the place where they live; its columns."""
        place = place_of(self.node, self.project, dataset)
        with self.beside(place) if place != LOCAL else nullcontext(self.session) as session:
            there = replace(self.access(dataset), session=session, backend=session.backend)
            table = session.table(there, dataset)
            session.write_parquet(table.limit(rows), folder)
            return tuple(table.columns)

    @contextmanager
    def beside(self, place: Place) -> Iterator[Session]:
        """A session on another place, for as long as rows are fetched from there."""
        with self.node.engines.session(place) as session:
            self._beside.append(session)
            try:
                yield session
            finally:
                self._beside.remove(session)

    def interrupt(self) -> None:
        """Stop whatever is computed or fetched, from another thread."""
        for session in (*self._beside, self.session):
            session.interrupt()


def place_of(node: Node, project: Project, dataset: str) -> Place:
    """Where a dataset is asked without moving its rows: in the database they live in, or here."""
    connection = project.dataset(dataset).database()
    is_database = connection and isinstance(node.connections.get(connection), Database)
    return Place("database", connection) if is_database else LOCAL


@contextmanager
def reading(
    node: Node, project: Project, values: Mapping[str, Any], *, place: Place = LOCAL
) -> Iterator[Reading]:
    """Open datasets of a project outside a job: to look at them, sample them, measure them. Raises DataUnreadable for
    rows that are not what their definition says."""
    with ExitStack() as stack, _unreadable():
        scratch = Scratch(node, f"read-{os.getpid()}-{node.clock.new_id()}")
        stack.callback(scratch.remove)
        session = stack.enter_context(node.engines.session(place))
        yield Reading(node=node, project=project, values=values, scratch=scratch, session=session)


@contextmanager
def _unreadable() -> Iterator[None]:
    """Nothing was begun here that failed: the data is no good."""
    try:
        yield
    except DataUnreadable:
        raise
    except ActivityFailed as error:
        raise DataUnreadable(error.message, hint=error.hint) from error


@dataclass(slots=True)
class Scratch:
    """A private folder, made when first asked for and removed afterwards."""

    node: Node
    name: str
    _made: Path | None = None

    def __call__(self) -> Path:
        if self._made is None:
            self._made = work_root(self.node) / self.name
            self._made.mkdir(parents=True, exist_ok=True)
        return self._made

    def remove(self) -> None:
        if self._made is not None:
            shutil.rmtree(self._made, ignore_errors=True)


def work_root(node: Node) -> Path:
    """Where private folders lie while work is going on."""
    return node.config.home / "work"
