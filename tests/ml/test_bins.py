"""Both sides over the same bins; rare bins together; histograms that show something."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from penstock.ml.bins import Binned, binned, histogram, pooled
from penstock.ml.profile import ColumnProfile, profile


def numbers(values: object) -> ColumnProfile:
    return profile(pa.array(values, pa.float64()), name="x", handling="numerical")


def texts(values: list[str]) -> ColumnProfile:
    return profile(pa.array(values, pa.string()), name="x", handling="categorical")


def test_rare_bins_are_put_together_when_more_than_one_in_five_is_rare() -> None:
    found = pooled(Binned(np.array([90, 80, 1, 2, 0, 1]), np.array([85, 95, 0, 1, 2, 1])))
    assert found.reference.tolist() == [90, 80, 4]
    assert found.current.tolist() == [85, 95, 4]


def test_one_rare_bin_in_five_is_kept() -> None:
    both = Binned(np.array([90, 80, 70, 60, 1]), np.array([85, 95, 70, 60, 2]))
    assert pooled(both) is both


def test_bins_that_are_all_rare_are_kept() -> None:
    both = Binned(np.ones(50, np.int64), np.ones(50, np.int64))
    assert pooled(both) is both


def test_every_row_is_in_a_bin_and_missing_ones_in_the_last() -> None:
    both = binned(numbers([*range(100), None, None]), numbers([-1e9, 1e9, float("inf"), None]), 10)
    assert (len(both.reference), both.reference.sum(), both.reference[-1]) == (11, 102, 2)
    assert (both.current[0], both.current[-2], both.current[-1]) == (1, 2, 1)


def test_a_histogram_holds_every_finite_value_and_ends_on_the_extremes() -> None:
    found = histogram(numbers([0.0, 1.0, 2.0, 10.0]), numbers([5.0, 10.0]), 10)
    assert found is not None
    assert found.reference == (1, 1, 1, 0, 0, 0, 0, 0, 0, 1)
    assert found.current == (0, 0, 0, 0, 0, 1, 0, 0, 0, 1)
    assert (found.edges[0], found.edges[-1]) == (0.0, 10.0)


def test_a_far_outlier_is_counted_in_the_outer_bar_and_does_not_flatten_the_rest() -> None:
    values = np.append(np.linspace(0, 1, 999), 1e12)
    found = histogram(numbers(values), numbers(values), 10)
    assert found is not None
    assert found.edges[-1] < 3
    assert sum(found.reference) == 1_000
    assert max(found.reference) < 600


def test_a_constant_column_has_a_bar_of_some_width() -> None:
    found = histogram(numbers([5.0] * 3), numbers([5.0]), 10)
    assert found is not None
    assert found.edges[0] < 5 < found.edges[-1]
    assert sum(found.reference) == 3


def test_categories_beyond_the_bars_are_others() -> None:
    found = histogram(texts(["a"] * 5 + ["b"] * 3 + ["c"]), texts(["a", "d"]), 2)
    assert found is not None
    assert found.labels == ("a", "d")
    assert (found.reference, found.reference_others) == ((5, 0), 4)
    assert (found.current, found.current_others) == ((1, 1), 0)


def test_without_a_value_there_is_no_histogram() -> None:
    assert histogram(numbers([]), numbers([None]), 10) is None
    assert histogram(texts([]), texts([]), 10) is None
