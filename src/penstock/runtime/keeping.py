"""Keeping: where the rows of a managed dataset lie, and how new ones take the place of old ones there.

A dataset without a connection is kept as Parquet snapshots of the home; one on a database is a table there; one on a
file connection is Parquet snapshots there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from penstock.core.connection import Database
from penstock.core.dataset import Snapshot
from penstock.core.errors import Failed, NotFound, NotReady, PenstockError
from penstock.core.schema import Schema
from penstock.runtime.keepers import InFiles, InLake, InTable, LakeAside, TableAside, table_of

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.ports import Session
    from penstock.core.project import Project


class Draft(Protocol):
    """New rows of a managed dataset that lie aside: nobody reads them before they are swapped in."""

    def write(self, session: Session, data: Any) -> Snapshot:
        """Rows in place of what was written before: an `ibis.Table` of the session, Arrow, a folder of Parquet."""

    def append(self, session: Session, data: Any) -> Snapshot:
        """More rows, after those written so far; at first after those that the dataset holds now."""

    def columns(self) -> Schema:
        """Of what was written."""

    def finish(self, *, job: str, keep: int, after: str | None = None) -> Snapshot:
        """Make it what readers get, in one step. With `after` – an id, or an empty text for none – only while that
        is the current snapshot still: Conflict else."""

    def discard(self) -> None:
        """Forget it; nothing happens once it was swapped in."""


class Keeper(Protocol):
    """Where one managed dataset is kept."""

    def snapshot(self) -> Snapshot | None:
        """What is current."""

    def snapshots(self) -> list[Snapshot]:
        """Those still readable, newest first."""

    def files(self) -> list[Path]:
        """The Parquet files of the current snapshot; none where rows are no files."""

    def begin(self) -> Draft: ...
    def clear(self) -> None:
        """Remove the rows, all of them."""


def of(node: Node, project: Project, name: str) -> Keeper:
    """Where a dataset is kept."""
    dataset = project.dataset(name)
    connection = dataset.database() if dataset.MANAGED else ""
    found = node.connections.get(connection) if connection else None
    if isinstance(found, Database):
        return InTable(node, project, name)
    return InLake(node, project, name) if found is not None else InFiles(node, project, name)


def snapshot(node: Node, project: Project, name: str) -> Snapshot | None:
    """The current snapshot of a dataset; None when it was never built, and for what is not ours to build."""
    owner, inner = project.home_of(name)
    if owner != project.key:
        return snapshot(node, node.projects.load(owner), inner)
    return of(node, project, name).snapshot()


def seen(node: Node, project: Project, name: str) -> Snapshot | None:
    """The same for pages that list many: None too while a database does not answer."""
    try:
        return snapshot(node, project, name)
    except (Failed, NotReady, NotFound):
        return None


def finish(drafts: Mapping[str, Draft], *, job: str, keep: int) -> dict[str, Snapshot]:
    """Swap in everything an activity wrote: what goes to file connections is sent first, then come all tables of one
    database in one transaction, then the files."""
    found: dict[str, Snapshot] = {}
    for draft in drafts.values():
        if isinstance(draft, LakeAside):
            draft.upload(job)
    tables = {name: draft for name, draft in drafts.items() if isinstance(draft, TableAside)}
    for connection in dict.fromkeys(draft.tables.name for draft in tables.values()):
        here = {name: draft for name, draft in tables.items() if draft.tables.name == connection}
        port = next(iter(here.values())).tables
        swapped = port.finish([draft.draft for draft in here.values()], job=job)
        found |= dict(zip(here, swapped, strict=True))
    for name, draft in drafts.items():
        if name not in found:
            found[name] = draft.finish(job=job, keep=keep)
    return {name: found[name] for name in drafts}


@contextmanager
def discarded(draft: Draft) -> Iterator[None]:
    """What was not swapped in when this ends is gone."""
    try:
        yield
    finally:
        draft.discard()


def move(node: Node, before: Project, old: str, new: str) -> None:
    """Follow a dataset that was renamed, where its table is called after it."""
    if old in before.datasets and isinstance(keeper := of(node, before, old), InTable):
        now = of(node, node.projects.load(before.key), new)
        if isinstance(now, InTable):
            keeper.tables.move(keeper.table, now.table, project=before.key, dataset=new)


def drop_tables(node: Node, project: Project) -> None:
    """Drop the tables of a project that is deleted; those of a database that does not answer stay there."""
    for name in project.datasets:
        with suppress(PenstockError):
            keeper = of(node, project, name)
            if isinstance(keeper, InTable):
                keeper.clear()


def sweep(node: Node) -> int:
    """Drop the tables that dead processes left half-written in the databases of all projects; returns how many."""
    places: set[tuple[str, str]] = set()
    for key in node.projects.keys():  # noqa: SIM118  a port, no mapping
        project = node.projects.load(key)
        for name, dataset in project.datasets.items():
            if dataset.MANAGED and dataset.database():
                with suppress(PenstockError):
                    places.add((dataset.database(), table_of(node, project, name).schema))
    return sum(_swept(node, connection, schema) for connection, schema in places)


def _swept(node: Node, connection: str, schema: str) -> int:
    """0 while the database does not answer: the next one who writes there sweeps too."""
    try:
        return node.engines.tables(connection).sweep(schema)
    except PenstockError:
        return 0
