from __future__ import annotations

import pytest

from penstock.core.outcome import Verdict
from tests.kinds.rules.given import judged


@pytest.mark.requirement("A54")
def test_a_value_that_comes_twice_is_an_error_and_empty_cells_are_not_values() -> None:
    assert (
        judged({"x": ["a", "b", "", "", None, None]}, type="column_unique", column="x").verdict is Verdict.OK
    )
    found = judged({"x": ["a", "a", "a", "b"]}, type="column_unique", column="x")
    assert (found.verdict, found.message) == (
        Verdict.ERROR,
        "2 of 4 values are repetitions of an earlier one",
    )


@pytest.mark.requirement("A54")
def test_a_few_repetitions_may_only_warn() -> None:
    settings = {"threshold": "count", "soft_maximum": 0, "maximum": 1}
    assert judged({"x": [1, 1, 2]}, type="column_unique", column="x", **settings).verdict is Verdict.WARNING
