"""Switch case: a small table of values."""

from __future__ import annotations

from tests.kinds.processors.given import a_step, prepared

CASES = [{"value": "UA", "then": "United"}, {"value": "", "then": "none"}]


def test_values_are_looked_up() -> None:
    step = a_step("switch_case", column="c", cases=CASES, otherwise="other", output="airline")
    assert prepared(step, c=["UA", "", "B6", None])["airline"] == ["United", "none", "other", "other"]


def test_other_values_may_stay() -> None:
    step = a_step("switch_case", column="c", cases=CASES, keep_others=True)
    assert prepared(step, c=["UA", "B6", None])["c"] == ["United", "B6", None]


def test_numbers_are_looked_up_as_numbers() -> None:
    step = a_step("switch_case", column="n", cases=[{"value": 1, "then": 10}])
    assert prepared(step, n=[1, 2, None])["n"] == [10, None, None]
