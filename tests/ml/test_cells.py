"""A cell means the same to a model whatever type its column arrives in."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from penstock.core.errors import Invalid
from penstock.ml import cells


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1, None, 3]),
        pa.array([1.0, float("nan"), 3.0]),
        pa.array([1.0, float("inf"), 3.0]),
        pa.array(["1", "", " 3 "]),
        pa.array(["1.0", None, "3e0"]),
        pa.array([Decimal("1.00"), None, Decimal("3.00")]),
        pa.array(["1", None, "3"]).dictionary_encode(),
        pa.chunked_array([[1], [None, 3]]),
    ],
    ids=lambda c: str(c.type),
)
def test_numbers_are_read_from_every_type(column: pa.Array) -> None:
    np.testing.assert_array_equal(cells.numbers(column, name="x"), [1.0, np.nan, 3.0])


def test_booleans_count_as_zero_and_one() -> None:
    np.testing.assert_array_equal(cells.numbers(pa.array([True, None, False]), name="x"), [1, np.nan, 0])


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (pa.array(["1", "many"]), "'many'"),
        (pa.array([dt.date(2024, 1, 1)]), "a number"),
    ],
)
def test_what_is_no_number_is_refused_with_the_cell(column: pa.Array, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        cells.numbers(column, name="x")


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1, 2, None]),
        pa.array([1.0, 2.0, None]),
        pa.array(["1", "2.0", None]),
        pa.array(["1", "2", ""]),
    ],
)
def test_integers_are_spelled_alike_as_categories(column: pa.Array) -> None:
    assert cells.texts(column, name="x", trained="integer").to_pylist() == ["1", "2", None]


@pytest.mark.parametrize(
    "column", [pa.array([True, False, None]), pa.array([1, 0, None]), pa.array(["True", "no", ""])]
)
def test_booleans_are_read_from_words_and_digits(column: pa.Array) -> None:
    assert cells.texts(column, name="x", trained="boolean").to_pylist() == ["true", "false", None]


def test_odd_booleans_are_refused() -> None:
    with pytest.raises(Invalid, match="'perhaps'"):
        cells.booleans(pa.array(["yes", "perhaps"]), name="x")
    with pytest.raises(Invalid, match="true or false"):
        cells.booleans(pa.array([0, 2]), name="x")


@pytest.mark.parametrize(
    "column",
    [
        pa.array([dt.date(2024, 3, 1), None]),
        pa.array([dt.datetime(2024, 3, 1), None]),
        pa.array([dt.datetime(2024, 3, 1, tzinfo=dt.UTC), None]),
        pa.array(["2024-03-01", None]),
        pa.array(["2024-03-01T00:00:00Z", ""]),
        pa.array([dt.datetime(2024, 3, 1), None], pa.timestamp("ns")),
    ],
    ids=lambda c: str(c.type),
)
def test_instants_are_read_in_utc_from_dates_and_texts(column: pa.Array) -> None:
    found = cells.instants(column, name="x")
    assert found.to_pylist() == [dt.datetime(2024, 3, 1), None]


def test_numbers_are_no_instants() -> None:
    with pytest.raises(Invalid, match="a date or time"):
        cells.instants(pa.array([3]), name="x")


def test_all_types_read_an_all_empty_column() -> None:
    empty = pa.nulls(2)
    assert np.isnan(cells.numbers(empty, name="x")).all()
    assert cells.texts(empty, name="x", trained="text").null_count == 2
    assert cells.booleans(empty, name="x").null_count == 2
    assert cells.instants(empty, name="x").null_count == 2


def test_lists_are_nothing_a_model_learns_from() -> None:
    assert cells.cell_type(pa.list_(pa.int64())) is None


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (["1", "-2.5", "3e4", ".5", ""], "number"),
        (["2024-01-31", "2024-02-01T10:00:00Z", None], "instant"),
        (["00501", "12345"], "text"),
        (["1", "two"], "text"),
        (["", None], "text"),
        (["1-2"], "text"),
    ],
)
def test_texts_count_as_what_they_all_read_as(words: list[str | None], kind: str) -> None:
    column = pa.chunked_array([words])
    assert cells.content_type(column) == kind
    if kind == "number":
        assert cells.numbers(column, name="x")[0] == 1
    if kind == "instant":
        assert cells.instants(column, name="x").null_count == 1
