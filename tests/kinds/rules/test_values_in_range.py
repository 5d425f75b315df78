from __future__ import annotations

import pytest

from penstock.core.outcome import Verdict
from tests.kinds.rules.given import judged

RANGE = {"type": "values_in_range", "column": "x", "minimum": 0, "maximum": 10, "soft_maximum": 8}


@pytest.mark.requirement("A54")
def test_values_on_the_bounds_are_inside() -> None:
    found = judged({"x": [0, 8, 3]}, **RANGE)
    assert (found.verdict, found.observed) == (Verdict.OK, "0 to 8")


@pytest.mark.requirement("A54")
def test_one_value_beyond_the_soft_bound_warns_and_beyond_the_hard_one_fails() -> None:
    assert judged({"x": [0, 9]}, **RANGE).verdict is Verdict.WARNING
    found = judged({"x": [0, 11, -1, 5]}, **RANGE)
    assert (found.verdict, found.message) == (Verdict.ERROR, "2 of 4 values are outside: -1 (< 0)")


def test_empty_cells_do_not_count_and_a_column_of_them_gives_empty() -> None:
    assert judged({"x": [5.0, None, float("nan")]}, **RANGE).verdict is Verdict.OK
    assert judged({"x": [float("nan")]}, **RANGE).verdict is Verdict.EMPTY
