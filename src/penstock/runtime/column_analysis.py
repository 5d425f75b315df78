"""Column analysis: what one column holds, exactly, over all rows of a dataset."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from penstock.core.columns import cleaned, existing_column, most_frequent
from penstock.runtime import audit, variables
from penstock.runtime.contexts import place_of, reading

if TYPE_CHECKING:
    from penstock.core.node import Node

BINS = 20
TOP = 10
EXACT = 2.0**52
"""Below it a double tells halves apart."""
LONGEST = 200
"""Letters of a value that are shown."""
QUARTILES = {"q1": 0.25, "median": 0.5, "q3": 0.75}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """How many cells lie from `start` to below `end`; the last bar holds its end too."""

    start: float
    end: float
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What only numbers have. Infinite cells are counted and then left out; None when no cell is left."""

    mean: float | None
    deviation: float | None
    """Of a sample: divided by n - 1; None of fewer than two cells."""
    q1: float | None
    median: float | None
    q3: float | None
    """Quartiles, interpolated linearly between two cells."""
    infinite: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequent:
    """One of the most frequent values."""

    value: str
    rows: int
    share: float
    """Of all rows, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnAnalysis:
    """One column over all rows. Empty texts and NaN are missing cells."""

    name: str
    type: str
    rows: int
    missing: int
    distinct: int | None
    """Different filled values; None for lists, maps and objects, which are not compared."""
    lowest: Any
    highest: Any
    numbers: Numbers | None
    frequent: tuple[Frequent, ...]
    computed_at: datetime

    @property
    def filled(self) -> int:
        return self.rows - self.missing


def analyse(node: Node, project: str, dataset: str, column: str) -> ColumnAnalysis:
    """Statistics of one column, over every row. Raises NotFound for the dataset, ColumnMissing for the column."""
    audit.note_read(node, "dataset-read-data", project=project, object=f"dataset:{dataset}", column=column)
    loaded = node.projects.load(project)
    loaded.dataset(dataset)
    place = place_of(node, loaded, dataset)
    with reading(node, loaded, variables.resolve(node, loaded), place=place) as opened:
        table = opened.table(dataset)
        kind = existing_column(table, column, dataset).type()
        found = opened.session.aggregate(table, _scalars(table, column))
        found |= _beside_lowest(opened.session, table, column, found)
        numbers = _numbers(opened.session, table, column, found) if kind.is_numeric() else None
        top = [] if kind.is_nested() else opened.session.arrow(most_frequent(table, column, TOP)).to_pylist()
        declared = {c.name: c.type for c in opened.session.columns(table.select(column))}
    return ColumnAnalysis(
        name=column, type=declared[column], rows=found["rows"], missing=found["rows"] - found["filled"],
        distinct=found.get("distinct"), lowest=found.get("lowest"), highest=found.get("highest"), numbers=numbers,
        frequent=tuple(_frequent(row, found["rows"]) for row in top), computed_at=node.clock.now(),
    )  # fmt: skip


def _scalars(table: Any, column: str) -> Mapping[str, Any]:
    """Everything that one pass tells."""
    cells = cleaned(table[column])
    kind = cells.type()
    found = {"rows": table.count(), "filled": cells.count()}
    if kind.is_nested():
        return found
    found["distinct"] = cells.nunique()
    if not kind.is_boolean():
        found |= {"lowest": cells.min(), "highest": cells.max()}
    return found | _arithmetic(table, column) if kind.is_numeric() else found


def _arithmetic(table: Any, column: str) -> dict[str, Any]:
    cells = _finite(table, column)
    quartiles = {name: cells.quantile(part) for name, part in QUARTILES.items()}
    ends = {"finite": cells.count(), "low": cells.min(), "high": cells.max()}
    return {"mean": cells.mean(), "deviation": cells.std(), **quartiles, **ends}


def _beside_lowest(session: Any, table: Any, column: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """Mean, deviation and quartiles of whole numbers that no double holds: of what each has above the lowest one."""
    low, high = found.get("lowest"), found.get("highest")
    if not (isinstance(low, int) and isinstance(high, int)):
        return {}
    if max(-low, high) < EXACT or high - low >= EXACT:
        return {}
    above = (cleaned(table[column]) - low).cast("float64")
    told = {"mean": above.mean(), "deviation": above.std()}
    told |= {name: above.quantile(part) for name, part in QUARTILES.items()}
    shifted = session.aggregate(table, told)
    return {name: value if name == "deviation" else low + value for name, value in shifted.items()}


def _finite(table: Any, column: str) -> Any:
    """A column of numbers as doubles, with null for what is infinite or not a number."""
    cells = cleaned(table[column]).cast("float64")
    return (cells.isinf() | cells.isnan()).ifelse(None, cells)


def _numbers(session: Any, table: Any, column: str, found: Mapping[str, Any]) -> Numbers:
    bars = _bars(session, table, column, found)
    return Numbers(
        mean=_sound(found["mean"]), deviation=_sound(found["deviation"]),
        **{name: _sound(found[name]) for name in QUARTILES},
        infinite=found["filled"] - found["finite"], bars=bars,
    )  # fmt: skip


def _bars(session: Any, table: Any, column: str, found: Mapping[str, Any]) -> tuple[Bar, ...]:
    """Bars of equal width from the lowest to the highest cell; one for each of a few whole numbers."""
    if not found["finite"]:
        return ()
    edges = _edges(found["low"], found["high"], whole=table[column].type().is_integer())
    if not edges:
        return ()
    width = edges[1] - edges[0]
    narrowed = table.select(cell=_finite(table, column))
    cells = narrowed.filter(narrowed["cell"].notnull())["cell"]
    place = ((cells - edges[0]) / width).floor().clip(0, len(edges) - 2).cast("int64").name("place")
    counted = cells.as_table().select(place).group_by("place")
    rows = session.arrow(counted.aggregate(rows=lambda t: t.count())).to_pylist()
    filled = {row["place"]: row["rows"] for row in rows}
    return tuple(
        Bar(start=start, end=end, rows=filled.get(i, 0))
        for i, (start, end) in enumerate(itertools.pairwise(edges))
    )


def _edges(low: float, high: float, *, whole: bool) -> Sequence[float]:
    """Where bars begin and end; none when a double does not hold their width."""
    if whole and high - low < BINS and max(-low, high) < EXACT:
        return [low - 0.5 + i for i in range(round(high - low) + 2)]
    if low == high:
        return [low - 0.5, high + 0.5] if abs(low) < EXACT else []
    width = (high - low) / BINS
    if not math.isfinite(width) or low + width == low:
        return []
    return [*(low + width * i for i in range(BINS)), high]


def _sound(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _frequent(row: Mapping[str, Any], rows: int) -> Frequent:
    value = row["value"]
    text = value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)
    shown = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return Frequent(value=shown, rows=row["count"], share=row["count"] / rows)
