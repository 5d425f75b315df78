"""Filter rows: by value, range of numbers, range of dates, formula; keep, remove, clear."""

from __future__ import annotations

from datetime import date

import pytest

from tests.kinds.processors.given import a_step, prepared

COLUMNS = {
    "id": [1, 2, 3, 4],
    "n": [5, 50, 500, None],
    "t": ["a", "b", "", None],
    "d": [date(2013, 1, 1), date(2013, 2, 1), date(2013, 3, 1), None],
}


@pytest.mark.parametrize(
    ("settings", "ids"),
    [
        ({"rules": [{"column": "t", "operator": "in", "values": ["a", "b"]}]}, [1, 2]),
        ({"action": "remove", "rules": [{"column": "t", "operator": "==", "value": "a"}]}, [2, 3, 4]),
        ({"rules": [{"column": "n", "operator": "between", "values": [10, 500]}]}, [2, 3]),
        (
            {"action": "remove", "rules": [{"column": "n", "operator": "between", "values": [10, 500]}]},
            [1, 4],
        ),
        ({"rules": [{"column": "d", "operator": "between", "values": ["2013-01-15", "2013-03-01"]}]}, [2, 3]),
        ({"formula": "n > 10 && month(d) < 3"}, [2]),
    ],
)
def test_rows_are_kept_or_removed(settings: dict[str, object], ids: list[int]) -> None:
    assert prepared(a_step("filter_rows", **settings), **COLUMNS)["id"] == ids


def test_cells_are_cleared_in_the_rows_that_are_meant() -> None:
    step = a_step("filter_rows", action="clear", rules=[{"column": "n", "operator": ">", "value": 10}])
    assert prepared(step, **COLUMNS)["n"] == [5, None, None, None]
    step = a_step("filter_rows", action="clear", columns=["t", "d"], formula="id == 1")
    found = prepared(step, **COLUMNS)
    assert found["t"] == [None, "b", "", None]
    assert found["d"][0] is None
    assert found["id"] == [1, 2, 3, 4]
