"""Which rows train and which test, and the folds of a search. Same seed, same rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from penstock.core.design import CrossTest, Design, RandomSplit, Search, TimeSplit
from penstock.core.errors import ColumnMissing

Parts = tuple[np.ndarray, np.ndarray]
"""Row places: (train, test)."""


def parts(design: Design, table: pa.Table, truth: np.ndarray) -> list[Parts]:
    """The pairs of train and test rows: one, or one per fold of a cross-test. None for an explicit test set."""
    split = design.split
    strata = None if design.prediction_type == "regression" else truth
    if isinstance(split, RandomSplit):
        return [random_parts(len(truth), split.train, split.seed, strata if split.stratified else None)]
    if isinstance(split, TimeSplit):
        return [ordered_parts(time_order(table, split.column), split.train)]
    if isinstance(split, CrossTest):
        return list(fold_parts(len(truth), split.folds, split.seed, strata))
    return []


def random_parts(rows: int, share: float, seed: int, strata: np.ndarray | None = None) -> Parts:
    """A random share; with strata (class codes) the same share of each class."""
    rank = _ranks(rows, seed, strata)
    train = rank < share - 1e-12
    return np.flatnonzero(train), np.flatnonzero(~train)


def fold_parts(rows: int, folds: int, seed: int, strata: np.ndarray | None = None) -> Iterator[Parts]:
    """Each fold tests once; with strata every fold has the same class shares."""
    place = np.minimum((_ranks(rows, seed, strata) * folds).astype(np.int64), folds - 1)
    for fold in range(folds):
        yield np.flatnonzero(place != fold), np.flatnonzero(place == fold)


def ordered_parts(order: np.ndarray, share: float) -> Parts:
    """The first share of the rows in this order, and the rest."""
    cut = round(len(order) * share)
    return order[:cut], order[cut:]


def forward_parts(order: np.ndarray, folds: int) -> Iterator[Parts]:
    """Folds that never look back: the first i of folds + 1 blocks train, the next one tests."""
    blocks = np.array_split(order, folds + 1)
    for fold in range(1, folds + 1):
        yield np.concatenate(blocks[:fold]), blocks[fold]


def time_order(table: pa.Table, column: str) -> np.ndarray:
    """Places of the rows from oldest to newest; empty cells first, equals as they stand."""
    if column not in table.column_names:
        raise ColumnMissing(
            column, dataset="the train data", near=table.column_names, needed_by="The time split"
        )
    indices = pc.sort_indices(table[column], sort_keys=[("", "ascending", "at_start")])
    return np.asarray(indices)


def search_parts(search: Search, truth: np.ndarray, strata: np.ndarray | None, ordered: bool) -> list[Parts]:
    """How candidates are judged on the train rows, which come in time order when `ordered`."""
    rows = len(truth)
    if ordered:
        order = np.arange(rows)
        if search.validation == "hold_out":
            return [ordered_parts(order, search.train)]
        return list(forward_parts(order, search.folds))
    if search.validation == "hold_out":
        return [random_parts(rows, search.train, search.seed, strata)]
    return list(fold_parts(rows, search.folds, search.seed, strata))


def _ranks(rows: int, seed: int, strata: np.ndarray | None) -> np.ndarray:
    """(n,) numbers in [0, 1), evenly spaced: each row's place in a random order, every stratum spread alike."""
    random = np.random.default_rng(seed)
    if strata is None:
        return random.permutation(rows) / max(1, rows)
    share = np.empty(rows)
    for value in np.unique(strata):
        inside = np.flatnonzero(strata == value)
        share[inside] = (random.permutation(len(inside)) + random.random()) / len(inside)
    rank = np.empty(rows)
    rank[np.argsort(share, kind="stable")] = np.arange(rows) / max(1, rows)
    return rank
