"""Grids: rows of a dataset as a grid takes them, kept squeezed while neither the data nor its settings change."""

from __future__ import annotations

import gzip
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from penstock.core.fingerprint import canonical, digest
from penstock.runtime import datasets, variables
from penstock.runtime.contexts import DatasetAccess
from penstock.runtime.datasets import EXPLORED, Looked

if TYPE_CHECKING:
    from penstock.core.node import Node
    from penstock.core.project import Project
    from penstock.core.schema import Column, Schema

LONGEST = 400
"""Letters of one cell that a grid is given."""
SQUEEZED = 4
"""How hard a grid is compressed: see the site's own."""
EXACT = 2**53 - 1
"""The largest whole number that a browser takes as it is; beyond it a column goes as texts."""
MOST_BYTES = 32_000_000
"""Of all grids that are kept, squeezed; one of 10,000 rows and 20 columns takes some 300 kB."""


def squeezed(node: Node, project: str, name: str, rows: int = EXPLORED, *, way: str = "first") -> bytes:
    """Some rows for a grid, as gzipped JSON; made once for as long as data and settings stay as they are."""
    loaded = node.projects.load(project)
    key = state(node, loaded, name)

    def made() -> bytes:
        found = datasets.look(node, project, name, rows, way=way)
        return gzip.compress(encoded(found), SQUEEZED, mtime=0)

    if not key:
        return made()
    kept, is_new = KEPT.find((str(node.config.home), project, name, key, f"{way} {rows}"), made)
    if not is_new:
        datasets.note_look(node, project, name, rows)
    return kept


def encoded(found: Looked) -> bytes:
    """JSON: columns with type, meaning and how much is missing; the cells of each column, None = empty."""
    total = found.table.num_rows
    told = {
        "computed_at": found.computed_at.isoformat(), "total": total,
        "columns": [_head(c, found.table[c.name].null_count, total) for c in found.columns],
        "cells": [_cells(found.table[c.name]) for c in found.columns],
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def drawn(columns: Schema, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Some rows for a table that a template draws: columns as a grid has them, cells row by row."""
    missing = {c.name: sum(row[c.name] is None for row in rows) for c in columns}
    return {
        "columns": [_head(c, missing[c.name], len(rows)) for c in columns],
        "rows": [[_cell(row[c.name]) for c in columns] for row in rows],
    }


@dataclass(slots=True)
class Kept:
    """Bytes by key: those asked for longest ago go first. Who asks for what is being made waits for it."""

    most: int
    held: OrderedDict[tuple[str, ...], bytes] = field(default_factory=OrderedDict)
    size: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _making: dict[tuple[str, ...], threading.Lock] = field(default_factory=dict)

    def find(self, key: tuple[str, ...], make: Callable[[], bytes]) -> tuple[bytes, bool]:
        """The bytes of a key, and whether they were made for this caller."""
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            try:
                with self._lock:
                    if key in self.held:
                        self.held.move_to_end(key)
                        return self.held[key], False
                made = make()
                self._keep(key, made)
                return made, True
            finally:
                with self._lock:
                    self._making.pop(key, None)

    def _keep(self, key: tuple[str, ...], made: bytes) -> None:
        with self._lock:
            self.held[key] = made
            self.size += len(made)
            while self.size > self.most:
                self.size -= len(self.held.popitem(last=False)[1])


KEPT = Kept(MOST_BYTES)


def state(node: Node, project: Project, name: str) -> str:
    """What the rows of a dataset come from, as a text; empty when only reading them tells."""
    dataset = project.dataset(name)
    values = variables.resolve(node, project)
    seen = DatasetAccess(node=node, project=project, name=name, values=values)
    if dataset.LIVE:
        return ""
    files = dataset.files(seen)
    if not files:
        return ""
    snapshot = seen.snapshot()
    around = [dataset, *(project.item(other) for other in dataset.depends_on())]
    parts = [
        [(f.path, f.size, f.modified, f.etag) for f in files], snapshot.id if snapshot else "",
        [item.to_mapping() for item in around], values,
    ]  # fmt: skip
    return digest(canonical(parts))


def _head(column: Column, missing: int, total: int) -> dict[str, Any]:
    return {
        "name": column.name, "type": column.type, "meaning": column.meaning, "description": column.description,
        "missing": missing / total if total else 0.0,
    }  # fmt: skip


def _cells(column: Any) -> list[Any]:
    """The cells of one column. Whole numbers and short texts, most of what there is, are not looked at one by one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_integer(kind) and _is_beyond_browsers(column):
        return [None if cell is None else str(cell) for cell in column.to_pylist()]
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_null(kind):
        is_plain = True
    elif pa.types.is_floating(kind):
        is_plain = bool(pc.all(pc.is_finite(column)).as_py() in (True, None))
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        is_plain = (pc.max(pc.utf8_length(column)).as_py() or 0) <= LONGEST
    else:
        is_plain = False
    found: list[Any] = column.to_pylist()
    return found if is_plain else _shown(found)


def _is_beyond_browsers(column: Any) -> bool:
    """Whether whole numbers stand there that a browser would round: its numbers are doubles."""
    import pyarrow.compute as pc

    ends = pc.min_max(column).as_py()
    return any(end is not None and abs(end) > EXACT for end in ends.values())


def _shown(values: list[Any]) -> list[Any]:
    """Cells as texts; what stands there often is written once."""
    try:
        texts = {value: _cell(value) for value in dict.fromkeys(values)}
    except TypeError:
        return [_cell(value) for value in values]
    return [texts[value] for value in values]


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= LONGEST else f"{value[:LONGEST]}…"
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else str(value)
    text = value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
