"""How a model does on parts of the rows: one column's values, or ranges of them, compared with all rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from penstock.core.errors import ColumnMissing, Invalid
from penstock.core.score import Guess, MetricSettings
from penstock.ml import cells, explain, measures, performance
from penstock.ml.performance import Judged
from penstock.ml.predictor import Predictor

EMPTY, OTHERS = "(empty)", "(others)"
MOST_GROUPS, RANGES = 10, 5
FEWEST_ROWS = 10
"""Smaller groups are left out: their scores say nothing."""


@dataclass(frozen=True, slots=True)
class Group:
    """Some rows that share a value: their places among the judged rows."""

    name: str
    rows: np.ndarray


@dataclass(frozen=True, slots=True)
class Subpopulation:
    """One group: its share of the rows, true and predicted positives (or means), scores, and difference with all."""

    name: str
    rows: int
    share: float
    actual: float | None
    predicted: float | None
    performance: dict[str, float | None]
    difference: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Subpopulations:
    """All rows first, then the groups; groups too small are only named."""

    column: str
    everyone: Subpopulation
    groups: tuple[Subpopulation, ...]
    too_small: tuple[str, ...]


def subpopulations(
    predictor: Predictor,
    table: pa.Table,
    column: str,
    *,
    settings: MetricSettings | None = None,
    rows: int = 1000,
    seed: int = 1337,
) -> Subpopulations:
    """Compare the values of a column on a random sample of labelled rows (binary and regression models).

    Up to ten values, or five ranges of equal size of a number; empty cells are a group of their own.
    """
    if predictor.prediction_type == "multiclass":
        raise Invalid("Subpopulations compare binary and regression models; this one has several classes.")
    sample = explain.sampled(table, rows, seed)
    judged = performance.judge(predictor, sample, predictor.predict(sample), settings=settings)
    taken = sample.take(pa.array(judged.rows))
    everyone = _described(Group("all rows", np.arange(len(judged.truth))), judged, predictor, None)
    found = list(groups_of(taken, column))
    large = [g for g in found if len(g.rows) >= FEWEST_ROWS]
    return Subpopulations(
        column,
        everyone,
        tuple(_described(g, judged, predictor, everyone) for g in large),
        tuple(g.name for g in found if len(g.rows) < FEWEST_ROWS),
    )


def groups_of(table: pa.Table, column: str) -> Iterator[Group]:
    """The rows by value of a column, largest group first; ranges from low to high; empty cells last."""
    if column not in table.column_names:
        raise ColumnMissing(column, dataset="the data", near=table.column_names)
    trained = cells.cell_type(table[column].type)
    if trained in ("integer", "number"):
        yield from _ranges(cells.numbers(table[column], name=column))
        return
    words = cells.texts(table[column], name=column, trained=trained or "text").to_pylist()
    yield from _values(np.array([EMPTY if w is None else w for w in words], dtype=object))


def _values(words: np.ndarray) -> Iterator[Group]:
    names, counts = np.unique(words[words != EMPTY], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    for name in names[order[:MOST_GROUPS]]:
        yield Group(str(name), np.flatnonzero(words == name))
    rest = names[order[MOST_GROUPS:]]
    if len(rest):
        yield Group(OTHERS, np.flatnonzero(np.isin(words, rest)))
    if (words == EMPTY).any():
        yield Group(EMPTY, np.flatnonzero(words == EMPTY))


def _ranges(values: np.ndarray) -> Iterator[Group]:
    present = np.unique(values[~np.isnan(values)])
    if len(present) <= MOST_GROUPS:
        for value in present:
            yield Group(f"{value:g}", np.flatnonzero(values == value))
    else:
        edges = np.unique(np.quantile(values[~np.isnan(values)], np.linspace(0, 1, RANGES + 1)))
        for low, high in pairwise(edges):
            last = high == edges[-1]
            inside = (values >= low) & ((values <= high) if last else (values < high))
            yield Group(f"{low:g} to {high:g}", np.flatnonzero(inside))
    if np.isnan(values).any():
        yield Group(EMPTY, np.flatnonzero(np.isnan(values)))


def _described(
    group: Group, judged: Judged, predictor: Predictor, everyone: Subpopulation | None
) -> Subpopulation:
    truth, guess = judged.truth[group.rows], performance.taken(judged.guess, group.rows)
    scores = performance.performance(truth, guess, predictor.prediction_type)
    whole = everyone.performance if everyone else scores
    return Subpopulation(
        name=group.name,
        rows=len(group.rows),
        share=len(group.rows) / max(1, len(judged.truth)),
        actual=_level(truth, guess),
        predicted=_level(guess.label, guess),
        performance=scores,
        difference={code: _minus(value, whole[code]) for code, value in scores.items()},
    )


def _level(values: np.ndarray, guess: Guess) -> float | None:
    """Share of positives, or the mean: class codes are 0 and 1, so both are a mean."""
    return measures.mean(values.astype(np.float64), measures.weights_of(guess))


def _minus(value: float | None, whole: float | None) -> float | None:
    return None if value is None or whole is None else value - whole
