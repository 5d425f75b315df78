"""Extract date parts: a number column each."""

from __future__ import annotations

from datetime import datetime

import pytest

from penstock.core.errors import InvalidDefinition
from tests.kinds.processors.given import a_step, prepared


def test_parts_stand_beside_the_date_in_their_order() -> None:
    step = a_step("extract_date_parts", column="d", parts=["month", "weekday", "hour"], prefix="d_")
    found = prepared(step, d=[datetime(2013, 4, 7, 13, 5), None], x=[1, 2])
    assert list(found) == ["d", "d_month", "d_weekday", "d_hour", "x"]
    assert [found[f"d_{p}"] for p in ("month", "weekday", "hour")] == [[4, None], [7, None], [13, None]]


def test_iso_texts_work_too() -> None:
    found = prepared(a_step("extract_date_parts", column="t", parts=["year"]), t=["2013-04-01", "", "x"])
    assert found["t_year"] == [2013, None, None]


def test_an_unknown_part_is_refused_at_save() -> None:
    with pytest.raises(InvalidDefinition, match="Did you mean year"):
        a_step("extract_date_parts", column="d", parts=["yeer"])
