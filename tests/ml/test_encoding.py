"""Rows as a classifier sees them."""

from __future__ import annotations

import pyarrow as pa

from penstock.ml.encoding import MISSING, OTHER, encode, identical_rows


def test_missing_numbers_take_the_mean_and_infinite_ones_the_extremes() -> None:
    reference, current = pa.table({"x": [1.0, None, float("inf")]}), pa.table({"x": [5.0, float("nan"), 3.0]})
    found = encode(reference, current, {"x": "numerical"})
    assert found.features[:, 0].tolist() == [1.0, 3.0, 5.0, 5.0, 3.0, 3.0]


def test_only_the_hundred_most_frequent_categories_have_a_code_of_their_own() -> None:
    words = [f"w{n:03}" for n in range(150) for _ in range(150 - n)]
    found = encode(pa.table({"w": words}), pa.table({"w": [None, "w000", "w149"]}), {"w": "categorical"})
    assert found.features[-3:, 0].tolist() == [MISSING, 2, OTHER]
    assert len(set(found.features[:, 0])) == 102
    assert found.categorical.tolist() == [True]


def test_exact_codes_are_equal_where_values_are() -> None:
    found = encode(pa.table({"x": [0.1, 0.2, None]}), pa.table({"x": [0.2, None, 0.3]}), {"x": "numerical"})
    a, b, gone, again, also_gone, c = found.exact[:, 0].tolist()
    assert (b, gone) == (again, also_gone)
    assert len({a, b, c, gone}) == 4


def test_identical_rows_share_a_group_and_others_do_not() -> None:
    table = pa.table({"x": [1.0, 1.0, 2.0], "c": ["a", "b", "a"]})
    groups = identical_rows(encode(table, table, {"x": "numerical", "c": "categorical"}))
    assert groups[:3].tolist() == groups[3:].tolist()
    assert len(set(groups.tolist())) == 3


def test_what_cannot_be_encoded_is_skipped_with_its_reason() -> None:
    table = pa.table({"x": ["a"], "y": [1]})
    found = encode(table, table, {"x": "numerical", "y": "numerical"})
    assert found.names == ("y",)
    assert "'x' as numerical" in found.skipped["x"]


def test_columns_can_be_taken_out() -> None:
    table = pa.table({"x": [1.0, 2.0], "y": ["a", "b"]})
    found = encode(table, table, {"x": "numerical", "y": "categorical"}).without(("x",))
    assert (found.names, found.features.shape, found.exact.shape) == (("y",), (4, 1), (4, 1))
    assert found.categorical.tolist() == [True]
