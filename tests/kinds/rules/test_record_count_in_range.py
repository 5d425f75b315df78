from __future__ import annotations

import pyarrow as pa
import pytest

from penstock.core.outcome import Verdict
from tests.kinds.rules.given import judged, rule


@pytest.mark.requirement("A54")
@pytest.mark.parametrize(
    ("rows", "verdict", "message"),
    [(0, "ERROR", "0 (< 1)"), (2, "WARNING", "2 (< 3)"), (3, "OK", "3"), (6, "ERROR", "6 (> 5)")],
)
def test_the_number_of_rows_is_held_against_hard_and_soft_bounds(
    rows: int, verdict: str, message: str
) -> None:
    settings = {"minimum": 1, "soft_minimum": 3, "maximum": 5}
    found = judged(
        pa.table({"a": pa.array(["x"] * rows, pa.string())}), type="record_count_in_range", **settings
    )
    assert (found.verdict, found.message) == (Verdict(verdict), message)


def test_a_rule_without_a_name_is_named_after_its_settings() -> None:
    assert (
        rule(type="record_count_in_range", minimum=1, maximum=9).label() == "Record count is between 1 and 9"
    )
    assert rule(type="record_count_in_range", minimum=1, name="Enough").label() == "Enough"
