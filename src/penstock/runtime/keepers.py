"""Keepers of rows: snapshots of the home or of a file connection, tables of a database; what lies aside there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penstock.core import naming
from penstock.core.dataset import Snapshot, SourceFile
from penstock.core.errors import ActivityFailed, PenstockError
from penstock.core.naming import TableName
from penstock.core.schema import Column, Schema, column_type, differences
from penstock.core.variables import expand_text
from penstock.runtime import lake, variables

if TYPE_CHECKING:
    from penstock.core.files import FileRoot, Work
    from penstock.core.node import Node
    from penstock.core.ports import Session, TableDraft, Tables
    from penstock.core.project import Project


def table_of(node: Node, project: Project, name: str) -> TableName:
    """The table that a managed dataset on a database is: what its definition says, else by the connection's rules."""
    dataset = project.dataset(name)
    connection = node.connections.get(dataset.database())
    rules = getattr(connection, "naming", naming.NamingRules())
    return naming.table_of(
        rules, name, values=variables.resolve(node, project),
        schema=getattr(dataset, "db_schema", ""), table=getattr(dataset, "table", ""),
    )  # fmt: skip


@dataclass(frozen=True)
class InFiles:
    """A dataset kept as Parquet snapshots of the home."""

    node: Node
    project: Project
    name: str

    def snapshot(self) -> Snapshot | None:
        return self.node.data.snapshot(self.project.key, self.name)

    def snapshots(self) -> list[Snapshot]:
        return self.node.data.snapshots(self.project.key, self.name)

    def files(self) -> list[Path]:
        return self.node.data.files(self.project.key, self.name)

    def begin(self) -> FilesAside:
        return FilesAside(self, self.node.data.begin(self.project.key, self.name))

    def clear(self) -> None:
        self.node.data.clear(self.project.key, self.name)


@dataclass
class FilesAside:
    """A folder of Parquet files that no reader sees."""

    keeper: InFiles
    folder: Path

    def write(self, session: Session, data: Any) -> Snapshot:
        for file in self.folder.glob("*.parquet"):
            file.unlink()
        session.write_parquet(data, self.folder)
        return self._written()

    def append(self, session: Session, data: Any) -> Snapshot:
        kept = sorted(self.folder.glob("*.parquet"))
        if not kept:
            for number, file in enumerate(self.keeper.files()):
                _link_or_copy(file, self.folder / f"part-{number:05}.parquet")
            kept = sorted(self.folder.glob("*.parquet"))
        added = self.folder / ".added"
        shutil.rmtree(added, ignore_errors=True)
        session.write_parquet(like(self.columns(), self.keeper.name, data), added)
        for number, file in enumerate(sorted(added.glob("*.parquet")), len(kept)):
            file.rename(self.folder / f"part-{number:05}.parquet")
        shutil.rmtree(added)
        return self._written()

    def columns(self) -> Schema:
        first = next(iter(sorted(self.folder.glob("*.parquet"))), None)
        return columns_of(first) if first is not None else ()

    def finish(self, *, job: str, keep: int, after: str | None = None) -> Snapshot:
        k = self.keeper
        return k.node.data.finish(k.project.key, k.name, self.folder, job=job, keep=keep, after=after)

    def discard(self) -> None:
        self.keeper.node.data.discard(self.folder)

    def _written(self) -> Snapshot:
        """What lies there: it has no id and no fingerprint yet."""
        import pyarrow.parquet as pq

        parts = sorted(self.folder.glob("*.parquet"))
        return Snapshot(
            id="", rows=sum(pq.read_metadata(p).num_rows for p in parts), bytes=sum(p.stat().st_size for p in parts),
            files=len(parts), columns=self.columns(), fingerprint="", written_at=self.keeper.node.clock.now(),
        )  # fmt: skip


@dataclass(frozen=True)
class InLake(InFiles):
    """A dataset kept as Parquet snapshots on a file connection; written in the home first."""

    @cached_property
    def root(self) -> FileRoot:
        connection = self.project.dataset(self.name).database()
        rule = expand_text(
            self.node.files.rule(connection), variables.resolve(self.node, self.project),
            where=f"the path rule of connection {connection}",
        )  # fmt: skip
        return self.node.files.on(
            self.project.key, connection, f"{rule}/{self.name}", flag="managed_datasets"
        )

    def snapshot(self) -> Snapshot | None:
        return lake.snapshot(self.root)

    def snapshots(self) -> list[Snapshot]:
        return lake.snapshots(self.root)

    def files(self) -> list[Path]:
        return []

    def listed(self) -> Sequence[SourceFile]:
        """The Parquet files of the current snapshot as they lie there; nothing is fetched."""
        seen = self.snapshot()
        return lake.parts(self.root, seen) if seen else []

    def fetched(self, seen: Snapshot, work: Work) -> list[Path]:
        """The Parquet files of a snapshot on this machine, through the cache."""
        return lake.files(self.root, seen, work)

    def begin(self) -> LakeAside:
        self.node.files.on(self.project.key, self.project.dataset(self.name).database(), "", flag="writable")
        return LakeAside(self, self.node.data.begin(self.project.key, self.name))

    def clear(self) -> None:
        lake.clear(self.root)


@dataclass
class LakeAside(FilesAside):
    """A folder of Parquet files of this machine, on its way to a file connection."""

    keeper: InLake
    sent: Snapshot | None = None
    is_current: bool = False

    def append(self, session: Session, data: Any) -> Snapshot:
        seen = self.keeper.snapshot()
        if seen and not any(self.folder.glob("*.parquet")):
            old = self.keeper.fetched(seen, lambda: self.folder / ".old")
            for number, file in enumerate(old):
                _link_or_copy(file, self.folder / f"part-{number:05}.parquet")
            shutil.rmtree(self.folder / ".old", ignore_errors=True)
        return super().append(session, data)

    def upload(self, job: str) -> None:
        """Send the rows; nobody sees them before `finish`."""
        root, facts = self.keeper.root, replace(self._written(), job=job)
        self.sent = lake.named(root, self.folder, facts, self.keeper.node.clock)
        lake.upload(root, self.folder, self.sent)

    def finish(self, *, job: str, keep: int, after: str | None = None) -> Snapshot:
        if self.sent is None:
            self.upload(job)
        assert self.sent is not None
        lake.point(self.keeper.root, self.folder, self.sent, keep=keep, after=after)
        self.is_current = True
        return self.sent

    def discard(self) -> None:
        if self.sent is not None and not self.is_current:
            with suppress(PenstockError):
                lake.forget(self.keeper.root, self.sent)
        super().discard()


@dataclass(frozen=True)
class InTable:
    """A dataset kept as a table of a database."""

    node: Node
    project: Project
    name: str

    @cached_property
    def tables(self) -> Tables:
        return self.node.engines.tables(self.project.dataset(self.name).database())

    @cached_property
    def table(self) -> TableName:
        return table_of(self.node, self.project, self.name)

    def snapshot(self) -> Snapshot | None:
        return self.tables.snapshot(self.table)

    def snapshots(self) -> list[Snapshot]:
        current = self.snapshot()
        return [current] if current else []

    def files(self) -> list[Path]:
        return []

    def begin(self) -> TableAside:
        draft = self.tables.begin(self.table, project=self.project.key, dataset=self.name)
        return TableAside(self, draft)

    def clear(self) -> None:
        self.tables.clear(self.table)


@dataclass
class TableAside:
    """A table that no reader sees."""

    keeper: InTable
    draft: TableDraft

    @property
    def tables(self) -> Tables:
        return self.keeper.tables

    def write(self, session: Session, data: Any) -> Snapshot:
        return self.draft.write(session, data)

    def append(self, session: Session, data: Any) -> Snapshot:
        before = None if self.draft.columns else self.keeper.snapshot()
        columns = before.columns if before else self.draft.columns
        return self.draft.append(session, like(columns, self.keeper.name, data))

    def columns(self) -> Schema:
        return self.draft.columns

    def finish(self, *, job: str, keep: int, after: str | None = None) -> Snapshot:
        return self.tables.finish([self.draft], job=job, after=after)[0]

    def discard(self) -> None:
        self.draft.discard()


def like(columns: Schema, dataset: str, data: Any) -> Any:
    """New rows (a `pa.Table`) with their columns in the order of the old ones. Raises ActivityFailed when they
    differ."""
    names = [c.name for c in columns]
    if not names:
        return data
    if set(names) == set(data.column_names):
        return data.select(names)
    changes: Sequence[Any] = differences(
        tuple(Column(name=n) for n in names), tuple(Column(name=n) for n in data.column_names)
    )
    raise ActivityFailed(
        f"The rows to append to {dataset} have other columns: {'; '.join(str(c) for c in changes)}.",
        hint="Write the dataset anew, or give the rows the columns it has.",
    )


def columns_of(parquet: Path) -> Schema:
    """The columns of a Parquet file."""
    import pyarrow.parquet as pq

    return tuple(Column(name=f.name, type=column_type(str(f.type))) for f in pq.read_schema(parquet))


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
