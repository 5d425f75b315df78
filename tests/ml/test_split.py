"""Which rows train and which test: all of them, once, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from penstock.core.design import Design, Search, TimeSplit
from penstock.core.errors import ColumnMissing
from penstock.ml import split


def test_a_random_split_takes_every_row_once() -> None:
    train, test = split.random_parts(1000, 0.8, 1337)
    assert len(train) == 800
    assert sorted([*train, *test]) == list(range(1000))
    assert split.random_parts(1000, 0.8, 1337)[0].tolist() == train.tolist()
    assert split.random_parts(1000, 0.8, 1338)[0].tolist() != train.tolist()


def test_a_stratified_split_keeps_the_class_shares() -> None:
    classes = np.array([0] * 900 + [1] * 100)
    train, _ = split.random_parts(1000, 0.8, 5, classes)
    assert np.bincount(classes[train]).tolist() == [720, 80]


@pytest.mark.parametrize("strata", [None, np.arange(103) % 3])
def test_every_row_is_in_one_fold(strata: np.ndarray | None) -> None:
    folds = list(split.fold_parts(103, 5, 1, strata))
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(103))
    assert all(not set(train) & set(test) for train, test in folds)
    assert max(len(t) for _, t in folds) - min(len(t) for _, t in folds) <= 3


def test_time_trains_on_the_past() -> None:
    table = pa.table({"when": [3, 1, None, 2, 5]})
    design = Design(target="y", split=TimeSplit(type="time", column="when", train=0.6))
    [(train, test)] = split.parts(design, table, np.zeros(5))
    assert train.tolist() == [2, 1, 3]
    assert test.tolist() == [0, 4]


def test_forward_folds_never_look_back() -> None:
    for train, test in split.forward_parts(np.arange(60), 5):
        assert train.max() < test.min()


def test_a_search_over_ordered_rows_looks_forward() -> None:
    for validation in ("k_fold", "hold_out"):
        for train, test in split.search_parts(
            Search(validation=validation), np.zeros(50), None, ordered=True
        ):
            assert train.max() < test.min()


def test_a_missing_time_column_is_named() -> None:
    with pytest.raises(ColumnMissing, match="Did you mean when"):
        split.time_order(pa.table({"when": [1]}), "wen")
