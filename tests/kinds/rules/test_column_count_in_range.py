from __future__ import annotations

from penstock.core.outcome import Verdict
from tests.kinds.rules.given import judged


def test_the_number_of_columns_is_held_against_the_bounds() -> None:
    rows = {"a": [1], "b": [2]}
    assert judged(rows, type="column_count_in_range", minimum=2, maximum=2).verdict is Verdict.OK
    assert judged(rows, type="column_count_in_range", maximum=1).message == "2 (> 1)"
