"""Querying: the answer to one SELECT over datasets of a project, as plain values."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from penstock.core.errors import Aborted, ActivityFailed, Refused
from penstock.core.placement import LOCAL, Place
from penstock.runtime.contexts import Reading, reading

LOOK = 0.1
"""Seconds between two looks at whether somebody stopped the question."""

if TYPE_CHECKING:
    from pathlib import Path

    from penstock.core.node import Node
    from penstock.core.project import Project


def query(
    node: Node, project: Project, values: Mapping[str, Any], sql: str, *, limit: int, timeout: float | None = None,
    connection: str = "", stop: Callable[[], bool] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Columns, the first rows as JSON knows them, and how many there are. Datasets are tables of the same name.

    With a connection it is asked in that database, in its own SQL: its tables are there, and the datasets that live in
    it. Raises ActivityFailed when it takes longer than `timeout` seconds, Aborted once `stop` says so: whoever computes
    the answer, here or on a server, is told to stop.
    """
    place = Place("database", connection) if connection else LOCAL
    there = [n for n in project.items if project.item_type(n) == "dataset"]
    named = [n for n in there if re.search(rf"\b{re.escape(n)}\b", sql)]
    with (
        reading(node, project, values, place=place) as opened,
        _ended(opened, timeout),
        _stopped(opened, stop),
    ):
        if connection:
            tables = {n: opened.table(n) for n in named if project.dataset(n).database() == connection}
            return _answer(opened.session.query(sql, tables), limit)
        return _answer(opened.session.query(sql, {n: _parquet(opened, n) for n in named}), limit)


def check_allowed(node: Node, connection: str, user: str) -> None:
    """Raise Refused unless a user may use a connection; an empty name is the node's own doing."""
    found = node.connections.get(connection)
    known = node.users.find(user) if user else None
    if user and not found.allows(user, sorted(known.groups) if known else ()):
        raise Refused(
            f"{user} may not use connection {connection}.",
            hint=f"It is for {', '.join(found.allowed)}; an administrator may add to `allowed`.",
        )


@contextmanager
def _ended(opened: Reading, timeout: float | None) -> Iterator[None]:
    """What is computed inside is stopped when its time is up."""
    if timeout is None:
        yield
        return
    timer = threading.Timer(timeout, opened.interrupt)
    timer.start()
    try:
        yield
    except Aborted as error:
        raise ActivityFailed(
            f"The query took longer than {timeout:g} seconds and was stopped.",
            hint="Make it quicker, or give it more time.",
        ) from error
    finally:
        timer.cancel()


@contextmanager
def _stopped(opened: Reading, stop: Callable[[], bool] | None) -> Iterator[None]:
    """What is computed inside is stopped once `stop` says so."""
    if stop is None:
        yield
        return
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(opened, done, stop), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _watch(opened: Reading, done: threading.Event, stop: Callable[[], bool]) -> None:
    """Interrupt again and again: what was not computing yet, when it was told, goes on."""
    while not done.wait(LOOK):
        if stop():
            opened.interrupt()


def _parquet(opened: Reading, dataset: str) -> Sequence[Path]:
    """The rows of a dataset as Parquet files: those of its snapshot, or an export."""
    definition, access = opened.project.dataset(dataset), opened.access(dataset)
    definition.check_ready(access)
    if definition.MANAGED and access.snapshot() is not None:
        return access.snapshot_files()
    folder = opened.scratch() / "query" / dataset
    opened.session.write_parquet(opened.table(dataset), folder)
    return sorted(folder.glob("*.parquet"))


def _answer(reader: Any, limit: int) -> dict[str, Any]:
    """The first rows as plain values, and how many there are in all."""
    columns = [{"name": f.name, "type": str(f.type)} for f in reader.schema]
    rows: list[list[Any]] = []
    total = 0
    try:
        for batch in reader:
            total += batch.num_rows
            wanted = batch.slice(0, max(limit - len(rows), 0)).to_pylist()
            rows += [[_plain(row[c["name"]]) for c in columns] for row in wanted]
    finally:
        reader.close()
    return {"columns": columns, "totalRows": total, "rows": rows}


def _plain(value: Any) -> Any:
    """A cell as JSON knows it: instants as ISO text, decimals as numbers, bytes not at all."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float) or hasattr(value, "as_tuple"):
        number = float(value)
        return number if abs(number) != float("inf") and number == number else None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return {str(k): _plain(v) for k, v in value.items()} if isinstance(value, dict) else str(value)
