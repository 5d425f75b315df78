"""Concatenate: texts of several columns."""

from __future__ import annotations

from tests.kinds.processors.given import a_step, prepared


def test_empty_cells_are_left_out_or_kept() -> None:
    columns = {"a": ["x", "", None, "x"], "b": [1, 2, None, None], "c": ["z", "z", "", None]}
    step = a_step("concatenate", columns=["a", "b", "c"], separator="-", output="all")
    assert prepared(step, **columns)["all"] == ["x-1-z", "2-z", "", "x"]
    step = a_step("concatenate", columns=["a", "b", "c"], separator="-", output="all", skip_empty=False)
    assert prepared(step, **columns)["all"] == ["x-1-z", "-2-z", "--", "x--"]
