"""Live drift: the last queries of an endpoint against the test set that lies beside its model version."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any

LEAST = 100
"""Fewer queries than this say nothing about drift."""


class LastQueries:
    """The features of the last queries in this process."""

    def __init__(self, names: Iterable[str], most: int) -> None:
        self.names = tuple(names)
        self._rows: deque[tuple[Any, ...]] = deque(maxlen=most)
        self._all = itemgetter(*self.names) if len(self.names) > 1 else None

    def extend(self, records: Sequence[Mapping[str, Any]]) -> None:
        self._rows.extend([self._row(record) for record in records[-(self._rows.maxlen or 0) :]])

    def _row(self, features: Mapping[str, Any]) -> tuple[Any, ...]:
        if self._all is not None:
            with suppress(KeyError):
                found: tuple[Any, ...] = self._all(features)
                return found
        return tuple([features.get(name) for name in self.names])

    def told(self) -> list[list[Any]]:
        return [
            [v if isinstance(v, (str, int, float, bool)) else None for v in row] for row in tuple(self._rows)
        ]


def measured(model: Path, names: tuple[str, ...], rows: list[list[Any]]) -> dict[str, float]:
    """Feature → population stability index; empty with too few queries, or without a test set beside the model."""
    if len(rows) < LEAST:
        return {}
    found = {}
    for place, name in enumerate(names):
        reference = _reference(model, name)
        if reference is not None:
            psi = _psi(reference, name, [row[place] for row in rows])
            if psi is not None:
                found[name] = psi
    return found


def _psi(reference: Any, name: str, cells: list[Any]) -> float | None:
    from penstock.core import registry
    from penstock.core.evaluation import Distance

    distance = registry.parse("distances", {"type": "psi"})
    assert isinstance(distance, Distance)
    return distance.between(reference, _current(reference, name, cells)).value


def _current(reference: Any, name: str, cells: list[Any]) -> Any:
    import pyarrow as pa

    from penstock.ml import profile, row

    if isinstance(reference, profile.NumericalProfile):
        column = pa.array([_quietly(row.number, cell) for cell in cells], pa.float64())
        return profile.profile(column, name=name, handling="numerical")
    column = pa.array([_quietly(row.text, cell) for cell in cells], pa.string())
    return profile.profile(column, name=name, handling="categorical")


def _quietly(read: Any, cell: Any) -> Any:
    try:
        return read(cell)
    except ValueError:
        return None


@lru_cache(maxsize=512)
def _reference(model: Path, name: str) -> Any:
    import pyarrow.parquet as pq

    from penstock.ml import model_file, profile

    file = model / model_file.TEST
    if not file.is_file() or name not in pq.read_schema(file).names:
        return None
    column = pq.read_table(file, columns=[name])[name]
    kind = {f.name: f.type for f in model_file.read_manifest(model).preparation.features}.get(name)
    try:
        return profile.profile(column, name=name, handling="numerical" if kind == "number" else "categorical")
    except ValueError:
        return None
