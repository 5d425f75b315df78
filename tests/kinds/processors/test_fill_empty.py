"""Fill empty cells: constants, neighbours, typical values; nulls and empty texts alike."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from penstock.core.errors import Invalid, InvalidDefinition
from tests.kinds.processors.given import a_step, prepared


def test_a_constant_takes_the_type_of_the_column() -> None:
    step = a_step("fill_empty", columns=["n", "t"], value="0")
    assert prepared(step, n=[1, None], t=["", "x"]) == {"n": [1, 0], "t": ["0", "x"]}


def test_a_constant_date_fills_a_date_column() -> None:
    step = a_step("fill_empty", columns="d", value="2013-01-01")
    assert prepared(step, d=[None, date(2014, 5, 1)])["d"] == [date(2013, 1, 1), date(2014, 5, 1)]


def test_a_constant_that_cannot_be_of_that_type_is_refused() -> None:
    with pytest.raises(Invalid, match="'x' cannot stand in column 'n'"):
        prepared(a_step("fill_empty", columns="n", value="x"), n=[1])


@pytest.mark.parametrize(
    ("method", "filled"), [("previous", [None, 5, 5, 7, 7]), ("next", [5, 5, 7, 7, None])]
)
def test_neighbours_are_found_in_the_given_order(method: str, filled: list[int | None]) -> None:
    step = a_step("fill_empty", columns="x", method=method, order_by=["at"])
    found = prepared(step, at=[3, 1, 2, 5, 4], x=[None, None, 5, None, 7])
    assert [x for _, x in sorted(zip(found["at"], found["x"], strict=True))] == filled


@pytest.mark.parametrize(("method", "value"), [("mean", 4.0), ("median", 2.0), ("mode", 2)])
def test_typical_values_of_numbers(method: str, value: float) -> None:
    step = a_step("fill_empty", columns="x", method=method)
    assert prepared(step, x=[2, None, 2, 8])["x"][1] == value


def test_the_most_frequent_text_ignores_empty_ones_and_prefers_the_smaller() -> None:
    step = a_step("fill_empty", columns="t", method="mode")
    assert prepared(step, t=["", "", "", "b", "a", None])["t"] == ["a", "a", "a", "b", "a", "a"]


def test_a_column_without_any_value_stays_empty() -> None:
    step = a_step("fill_empty", columns="x", method="mean")
    assert prepared(step, x=pa.array([None, None], pa.float64()))["x"] == [None, None]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"method": "previous"}, "needs order_by"),
        ({"method": "constant"}, "needs a value"),
        ({"method": "mean", "value": 1}, "nothing else does"),
    ],
)
def test_incomplete_settings_are_refused_at_save(settings: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidDefinition, match=words):
        a_step("fill_empty", columns="x", **settings)


def test_a_mean_of_texts_is_refused() -> None:
    with pytest.raises(Invalid, match="no mean"):
        prepared(a_step("fill_empty", columns="t", method="mean"), t=["a"])


def test_not_a_number_counts_as_empty() -> None:
    step = a_step("fill_empty", columns="x", method="mean")
    assert prepared(step, x=[1.0, float("nan"), 3.0])["x"] == [1.0, 2.0, 3.0]
