from __future__ import annotations

import pyarrow as pa
import pytest

from penstock.core.errors import InvalidDefinition
from penstock.core.outcome import Verdict
from tests.kinds.rules.given import judged, rule

LIMITS = {
    "type": "column_not_empty",
    "column": "x",
    "threshold": "percentage",
    "soft_maximum": 2.5,
    "maximum": 5,
}


def with_empties(count: int) -> dict[str, list[str | None]]:
    return {"x": [None] * count + ["a"] * (1000 - count)}


@pytest.mark.requirement("A54")
@pytest.mark.parametrize(
    ("empties", "verdict"), [(0, "OK"), (25, "OK"), (26, "WARNING"), (50, "WARNING"), (51, "ERROR")]
)
def test_five_percent_fail_and_two_and_a_half_warn(empties: int, verdict: str) -> None:
    assert judged(with_empties(empties), **LIMITS).verdict is Verdict(verdict)


def test_the_message_says_share_limit_and_count() -> None:
    assert judged(with_empties(51), **LIMITS).message == "5.1 % (> 5 %): 51 of 1,000 values are empty"


def test_without_a_threshold_one_empty_cell_is_an_error() -> None:
    assert judged({"x": ["a", ""]}, type="column_not_empty", column="x").verdict is Verdict.ERROR
    assert judged({"x": ["a", "b"]}, type="column_not_empty", column="x").verdict is Verdict.OK


def test_a_dataset_without_rows_gives_empty() -> None:
    assert (
        judged(pa.table({"x": pa.array([], pa.string())}), type="column_not_empty", column="x").verdict
        is Verdict.EMPTY
    )


def test_a_number_of_cells_may_be_allowed() -> None:
    settings = {"type": "column_not_empty", "column": "x", "threshold": "count", "maximum": 1}
    assert judged({"x": [None, 1.0]}, **settings).verdict is Verdict.OK
    assert judged({"x": [None, None, 1.0]}, **settings).message == "2 (> 1): 2 of 3 values are empty"


def test_a_maximum_without_its_unit_is_refused_and_so_is_a_unit_without_a_maximum() -> None:
    with pytest.raises(InvalidDefinition, match="threshold: count"):
        rule(type="column_not_empty", column="x", maximum=5)
    with pytest.raises(InvalidDefinition, match="needs a maximum"):
        rule(type="column_not_empty", column="x", threshold="count")
