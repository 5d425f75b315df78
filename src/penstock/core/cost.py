"""Cost: what work on so many rows and columns will take, in seconds and megabytes. Pure.

Seconds are a fixed part and a part for each row, whose price grows with the columns; so are megabytes, up to what an
engine may hold. The constants were measured by `bench/scale.py` on two cores of 2.5 GHz; other machines are told apart
by a factor that comes from what work of the past took there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Price:
    """What one kind of work costs: seconds of the processor and megabytes to begin with, nanoseconds for each row and
    cell, bytes for each cell up to the most megabytes it grows to, and how many processors it keeps busy."""

    seconds: float
    row: float
    cell: float
    megabytes: float
    cell_bytes: float
    most: float = 2000.0
    processors: float = 1.5


@dataclass(frozen=True, slots=True)
class Cost:
    """What a piece of work takes: seconds on the clock of a machine that has nothing else to do, seconds of the
    processor, megabytes at its peak."""

    seconds: float
    processor: float
    megabytes: float


PRICES: Mapping[str, Price] = {
    "sync": Price(2.0, row=0, cell=44, megabytes=527, cell_bytes=2.3),
    "join": Price(1.7, row=100, cell=42, megabytes=340, cell_bytes=0.1),
    "ordered join": Price(1.2, row=300, cell=52, megabytes=380, cell_bytes=9.1),
    "group": Price(1.9, row=50, cell=0.5, megabytes=230, cell_bytes=0.01),
    "score": Price(2.4, row=3400, cell=110, megabytes=490, cell_bytes=0.06),
    "drift": Price(0.65, row=0, cell=11, megabytes=250, cell_bytes=0.2),
}
LIKE: Mapping[str, str] = {
    **dict.fromkeys(("prepare", "filter", "split", "stack"), "sync"),
    **dict.fromkeys(("distinct", "sort", "top", "window"), "ordered join"),
}
"""Work that was not measured itself: rows that pass through one after the other, rows that must be held."""
FORETOLD = frozenset({*PRICES, *LIKE})
"""Work whose cost depends on rows and columns alone."""
LONG = 60.0
"""Seconds from which on work is long: it is said beforehand what it will take."""
TRUSTED = (0.1, 10.0)
"""The least and the most by which a machine is taken to differ from the one that was measured."""


def estimate(work: str, rows: int, columns: int, *, factor: float = 1.0) -> Cost:
    """What work will take. `work` is the type of a recipe, or `drift`; `factor` what `calibrated` says of a machine.
    Only of what is FORETOLD."""
    price = PRICES[LIKE.get(work, work)]
    processor = (price.seconds + rows * (price.row + columns * price.cell) / 1e9) * factor
    grown = min(rows * columns * price.cell_bytes / 1e6, price.most)
    return Cost(processor / price.processors, processor, price.megabytes + grown)


def calibrated(past: Sequence[tuple[Cost, float]]) -> float:
    """How much longer this machine takes than foretold: the median over past work (foretold, seconds it took)."""
    ratios = [took / foretold.seconds for foretold, took in past if foretold.seconds > 0 and took > 0]
    low, high = TRUSTED
    return min(max(median(ratios), low), high) if ratios else 1.0


def sentence(cost: Cost, rows: int, columns: int) -> str:
    """`100,000,000 rows × 20 columns: about 4 minutes and 1.8 GB.`"""
    return f"{rows:,} rows × {columns} columns: about {_time(cost.seconds)} and {_size(cost.megabytes)}."


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


def _size(megabytes: float) -> str:
    return f"{megabytes:.0f} MB" if megabytes < 1000 else f"{megabytes / 1000:.1f} GB"
