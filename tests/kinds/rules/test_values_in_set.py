from __future__ import annotations

import pytest

from penstock.core.outcome import Verdict
from tests.kinds.rules.given import judged

SET = {"type": "values_in_set", "column": "x", "values": ["A", "B"]}


@pytest.mark.requirement("A54")
def test_a_value_outside_the_set_is_an_error_that_shows_an_example() -> None:
    found = judged({"x": ["A", "C", "B"]}, **SET)
    assert found.verdict is Verdict.ERROR
    assert found.message == "1 of 3 values are not in the set, such as 'C'"


@pytest.mark.requirement("A54")
def test_known_and_empty_cells_are_fine() -> None:
    assert judged({"x": ["A", "", None, "B"]}, **SET).verdict is Verdict.OK


@pytest.mark.requirement("A54")
def test_a_small_share_outside_may_only_warn() -> None:
    settings = {**SET, "threshold": "percentage", "soft_maximum": 0, "maximum": 30}
    assert judged({"x": ["A", "B", "B", "C"]}, **settings).verdict is Verdict.WARNING


@pytest.mark.parametrize(
    ("cells", "values"),
    [([1, 2], [1, 2]), ([1.0, 2.0], [1, "2"]), ([True, False], [True, False]), (["1", "2"], [1, 2])],
)
def test_listed_values_match_cells_of_any_type(cells: list[object], values: list[object]) -> None:
    assert judged({"x": cells}, type="values_in_set", column="x", values=values).verdict is Verdict.OK
    assert judged({"x": cells}, type="values_in_set", column="x", values=values[:1]).verdict is Verdict.ERROR
