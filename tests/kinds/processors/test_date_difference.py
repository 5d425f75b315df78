"""Date difference: to a column, a constant, or now."""

from __future__ import annotations

from datetime import date

import pytest

from penstock.core.errors import InvalidDefinition
from tests.kinds.processors.given import a_step, prepared


def test_the_difference_to_another_column() -> None:
    step = a_step("date_difference", column="a", to_column="b", unit="days", output="days")
    found = prepared(
        step,
        a=[date(2013, 1, 1), date(2013, 1, 5), None],
        b=["2013-01-03T12:00:00", "2013-01-01", "2013-01-01"],
    )
    assert list(found) == ["a", "days", "b"]
    assert found["days"] == [2, -4, None]


def test_the_difference_to_a_constant_and_to_now() -> None:
    constant = a_step("date_difference", column="a", to="2013-03-01", unit="months", output="m")
    assert prepared(constant, a=[date(2013, 1, 15)])["m"] == [1]
    now = a_step("date_difference", column="a", unit="years", output="y")
    assert prepared(now, a=[date(2000, 1, 1)])["y"][0] >= 25


def test_two_ends_are_refused() -> None:
    with pytest.raises(InvalidDefinition, match="not both"):
        a_step("date_difference", column="a", to="2013-01-01", to_column="b", output="x")
