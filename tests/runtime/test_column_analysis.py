"""Column analysis: exact, over all rows, checked against numpy."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from penstock.core.errors import ColumnMissing, Invalid
from penstock.core.node import Node
from penstock.runtime import column_analysis, datasets
from penstock.testing import a_node, a_project, fill


def _node(folder: Path, **columns: Any) -> Node:
    node = a_node(folder)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    fill(node, "raw", **columns)
    return node


def test_numbers_are_described_as_numpy_does_over_all_rows(tmp_path: Path) -> None:
    values = np.random.default_rng(7).normal(40, 9, 12_000)
    node = _node(tmp_path, x=[*values.tolist(), None, None, math.nan])
    found = column_analysis.analyse(node, "DEMO", "raw", "x")
    assert (found.rows, found.missing, found.distinct) == (12_003, 3, len(np.unique(values)))
    assert (found.lowest, found.highest) == (values.min(), values.max())
    numbers = found.numbers
    assert numbers is not None
    assert [numbers.q1, numbers.median, numbers.q3] == pytest.approx(np.quantile(values, [0.25, 0.5, 0.75]))
    assert (numbers.mean, numbers.deviation) == pytest.approx((values.mean(), values.std(ddof=1)))
    expected, edges = np.histogram(values, bins=column_analysis.BINS)
    assert [bar.rows for bar in numbers.bars] == expected.tolist()
    assert [bar.start for bar in numbers.bars] == pytest.approx(edges[:-1])


def test_whole_numbers_beyond_a_double_are_described_exactly(tmp_path: Path) -> None:
    offsets = np.arange(6_000) % 977
    found = column_analysis.analyse(
        _node(tmp_path, id=(9_007_199_262_133_513_000 + offsets).tolist()), "DEMO", "raw", "id"
    )
    numbers = found.numbers
    assert numbers is not None
    assert numbers.deviation == pytest.approx(offsets.std(ddof=1), rel=1e-12)
    assert numbers.mean == float(9_007_199_262_133_513_000 + offsets.mean())
    assert found.lowest <= numbers.mean <= float(found.highest)


def test_a_few_whole_numbers_have_a_bar_each(tmp_path: Path) -> None:
    found = column_analysis.analyse(_node(tmp_path, n=[1, 1, 2, 4]), "DEMO", "raw", "n")
    assert found.numbers is not None
    assert [(b.start, b.end, b.rows) for b in found.numbers.bars] == [
        (0.5, 1.5, 2), (1.5, 2.5, 1), (2.5, 3.5, 0), (3.5, 4.5, 1),
    ]  # fmt: skip


def test_infinite_cells_are_counted_and_left_out_of_the_mean(tmp_path: Path) -> None:
    found = column_analysis.analyse(_node(tmp_path, x=[1.0, 3.0, math.inf]), "DEMO", "raw", "x")
    assert found.numbers is not None
    assert (found.numbers.infinite, found.numbers.mean, found.highest) == (1, 2.0, math.inf)


def test_texts_have_frequent_values_with_their_share_of_all_rows(tmp_path: Path) -> None:
    found = column_analysis.analyse(
        _node(tmp_path, t=["b", "a", "b", "", None, "c", "a", "b"]), "DEMO", "raw", "t"
    )
    assert [(f.value, f.rows, f.share) for f in found.frequent] == [
        ("b", 3, 0.375),
        ("a", 2, 0.25),
        ("c", 1, 0.125),
    ]
    assert (found.missing, found.distinct, found.numbers) == (2, 3, None)


@pytest.mark.parametrize(
    "cells", [[None, None], [5, 5, 5], [1e308, -1e308], [[1, 2], [1, 2]], [True, False], [{"a": 1}], [2**62, 2**62]]
)  # fmt: skip
def test_odd_columns_are_described_too(cells: list[Any], tmp_path: Path) -> None:
    found = column_analysis.analyse(_node(tmp_path, odd=cells), "DEMO", "raw", "odd")
    assert found.rows == len(cells)
    assert found.filled == sum(cell is not None for cell in cells)


def test_no_rows_are_no_error(tmp_path: Path) -> None:
    import pyarrow as pa

    node = a_node(tmp_path)
    a_project(node, {"datasets/raw": {"type": "managed"}})
    fill(node, "raw", pa.table({"x": pa.array([], pa.float64())}))
    found = column_analysis.analyse(node, "DEMO", "raw", "x")
    assert found.numbers is not None
    assert (found.rows, found.numbers.mean, found.numbers.bars, found.frequent) == (0, None, (), ())


def test_an_unknown_column_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ColumnMissing, match="amount"):
        column_analysis.analyse(_node(tmp_path, amount=[1]), "DEMO", "raw", "amont")


@pytest.mark.parametrize(("way", "expected"), [("first", [0, 1, 2]), ("last", [7, 8, 9])])
def test_a_sample_is_of_the_rows_one_chose(way: str, expected: list[int], tmp_path: Path) -> None:
    found = datasets.sample(_node(tmp_path, n=list(range(10))), "DEMO", "raw", 3, way=way)
    assert [row["n"] for row in found.rows] == expected


def test_a_random_sample_is_the_same_each_time_and_another_way_is_refused(tmp_path: Path) -> None:
    node = _node(tmp_path, n=list(range(100)))
    first, again = (datasets.sample(node, "DEMO", "raw", 10, way="random_number").rows for _ in range(2))
    assert len(first) == 10
    assert first == again
    with pytest.raises(Invalid, match="no way to choose"):
        datasets.sample(node, "DEMO", "raw", 10, way="best")
