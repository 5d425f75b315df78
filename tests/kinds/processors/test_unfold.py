"""Unfold: long becomes wide."""

from __future__ import annotations

from tests.kinds.processors.given import a_step, prepared

COLUMNS = {"shop": ["a", "a", "b", "b"], "month": ["jan", "feb", "jan", None], "sales": [1, 2, 3, 4]}


def test_each_row_shows_its_own_value() -> None:
    found = prepared(
        a_step("unfold", column="month", modalities=["jan", "feb", "mar"], prefix="is_"), **COLUMNS
    )
    assert found["is_jan"] == [1, 0, 1, 0]
    assert found["is_feb"] == [0, 1, 0, 0]
    assert found["is_mar"] == [0, 0, 0, 0]


def test_rows_that_agree_become_one() -> None:
    step = a_step("unfold", column="month", modalities=["jan", "feb"], value="sales", by=["shop"])
    found = prepared(step, **COLUMNS)
    assert found == {"shop": ["a", "b"], "month_jan": [1, 3], "month_feb": [2, None]}


def test_several_rows_that_meet_are_aggregated() -> None:
    step = a_step("unfold", column="k", modalities=["x"], value="v", by=["g"], aggregate="sum", prefix="")
    assert prepared(step, g=[1, 1], k=["x", "x"], v=[2, 3])["k_x"] == [5]
