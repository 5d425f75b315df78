"""Flag rows: 1 and 0, never empty."""

from __future__ import annotations

from tests.kinds.processors.given import a_step, prepared


def test_rows_that_are_meant_get_a_one_and_all_others_a_zero() -> None:
    step = a_step("flag_rows", output="late", rules=[{"column": "n", "operator": ">", "value": 15}])
    assert prepared(step, n=[20, 5, None])["late"] == [1, 0, 0]
    assert prepared(a_step("flag_rows", output="late", formula="n > 15"), n=[20, None])["late"] == [1, 0]
